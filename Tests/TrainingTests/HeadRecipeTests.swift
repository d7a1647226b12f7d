import Models
import Recipes
import Testing

/// What a recipe may say of a classifier's head.
@Suite struct HeadRecipeTests {
  private static func recipe(_ model: String, data: String = "{train: rows.tsv}") throws -> Recipe {
    try Recipe(RecipeDocument(yaml: "{model: {\(model)}, data: \(data)}", source: "r.yaml"))
  }

  @Test("model.head says how vectors are pooled, what is dropped and a hidden layer")
  func reading() throws {
    let head = try Self.recipe("from: a, head: {pooling: last-four, dropout: 0.3, hidden: 64}").model.head
    #expect(head == HeadChoice(pooling: .lastFour, dropouts: [0.3], hidden: 64))
    #expect(try Self.recipe("from: a").model.head == HeadChoice())
  }

  @Test("model.multi_sample_dropout is another name of model.head.dropout")
  func samples() throws {
    let head = try Self.recipe("from: a, multi_sample_dropout: [0.1, 0.2], head: {pooling: mean}").model.head
    #expect(head == HeadChoice(pooling: .mean, dropouts: [0.1, 0.2]))
  }

  @Test(
    "A head that cannot be is refused by its key",
    arguments: [
      ("from: a, multi_sample_dropout: [0.1], head: {dropout: 0.1}", "model.multi_sample_dropout is given next to"),
      ("from: a, head: {pooling: middle}", "model.head.pooling is \"middle\""),
      ("from: a, head: {dropout: [1.0]}", "model.head.dropout holds 1.0"),
      ("from: a, head: {dropout: []}", "model.head.dropout is empty"),
      ("from: a, head: {hidden: 0}", "model.head.hidden is 0"),
      ("from: a, head: {poolin: mean}", "model.head.poolin is not a known key"),
    ])
  func refusals(model: String, message: String) {
    #expect(performing: { try Self.recipe(model) }, throws: { "\($0)".contains(message) })
  }

  @Test("A head of an image model pools nothing")
  func images() {
    #expect(
      performing: {
        try Self.recipe("kind: image-classifier, head: {pooling: mean}", data: "{train: {images: a, labels: b}}")
      }, throws: { "\($0)".contains("model.head has pooling or hidden, which belong to text classifiers") })
  }

  @Test("Families say what their encoders do not have")
  func families() throws {
    let distil = try EncoderFamilies.read(["model_type": "distilbert"], source: "config.json")
    let problem = #expect(throws: HeadProblem.self) { try distil.head(HeadChoice(pooling: .pooler)) }
    #expect(problem?.problem.contains("is pooler, which distilbert does not have") == true)
    let roberta = try EncoderFamilies.read(["model_type": "roberta"], source: "config.json")
    #expect(try roberta.head(HeadChoice(pooling: .first)) == roberta.head)
    #expect(try roberta.head(HeadChoice(pooling: .pooler)) != roberta.head)
  }
}
