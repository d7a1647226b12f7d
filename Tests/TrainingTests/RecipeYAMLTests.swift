import Foundation
import Recipes
import Testing

/// Recipes as text: what YAML allows and a recipe does not, refused at once and with its line.
@Suite struct RecipeYAMLTests {
  private static let recipe = """
    model: {from: a-model, labels: 2}
    data: {train: rows.tsv}

    """

  private static func problem(_ yaml: String) -> String? {
    do {
      _ = try Recipe(RecipeDocument(yaml: yaml, source: "r.yaml"))
      return nil
    } catch {
      return String(describing: error)
    }
  }

  /// Nine lines that stand for nine to the ninth nodes.
  private static let bomb: String = {
    let names = "abcdefghij".map { String($0) }
    let first = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    return first
      + zip(names.dropFirst(), names).map { name, before in
        "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 9).joined(separator: ", ") + "]\n"
      }.joined()
  }()

  @Test("a few lines that stand for billions of nodes are refused within a second")
  func aliasBomb() {
    let clock = ContinuousClock()
    let asKey = Self.bomb.replacingOccurrences(of: "j: &j", with: "? ")
    for text in [Self.bomb, Self.recipe + Self.bomb, asKey, "x: [&a [1], *a]", "a: &a {<<: *a}", "{a: &a 1, b: *a}"] {
      let took = clock.measure {
        let problem = Self.problem(text)
        #expect(problem?.contains("an anchor or alias of YAML, which recipes do not take") == true, "\(problem ?? "")")
      }
      #expect(took < .seconds(30))
    }
    #expect(Self.problem(Self.recipe + "seed: &x 3")?.hasPrefix("r.yaml, line 3: has &x,") == true)
  }

  @Test("a value of --set is looked through likewise")
  func assignments() throws {
    var document = try RecipeDocument(yaml: Self.recipe, source: "r.yaml")
    for value in ["[&a 1, *a]", "*x", "&x 3", "{a: &b [1, 1], c: [*b, *b]}"] {
      let error = #expect(throws: RecipeError.self) { try document.set("techniques=\(value)") }
      #expect(error?.description.contains("an anchor or alias of YAML") == true, "\(error as Any)")
    }
    #expect(throws: RecipeError.self) { try document.set("seed=1\n---\nseed: 2") }
    #expect(throws: RecipeError.self) { try document.set("a=" + String(repeating: "[", count: 100_000)) }
  }

  @Test(
    "the line is named, and what to do",
    arguments: [
      ("seed: 3\nseed: 4", "r.yaml, line 3: gives the key \"seed\" twice in one mapping; keep one of them"),
      ("batch: {size: 8, size: 9}", "r.yaml, line 3: gives the key \"size\" twice"),
      ("\"seed\": 3\nseed: 4", "seed\" twice"),
      ("batch:\n\tsize: 8", "r.yaml, line 4: is indented by a tab; indent with spaces"),
      ("---\nseed: 3", "r.yaml, line 3: begins a second document; a recipe is one"),
      ("seed: !!int 3", "r.yaml, line 3: has !!int, a tag of YAML, which recipes do not take"),
      ("batch: {size: 8\nseed: 3", "is not valid YAML"),
      ("seed: \"3", "r.yaml, line 3: is not valid YAML"),
      ("? [a, b]\n: 3", "has a key that is not a text; write names as keys"),
      ("batch: {[1]: 3}", "batch has a key that is not a text; write names as keys"),
    ])
  func lines(text: String, message: String) {
    let problem = Self.problem(Self.recipe + text)
    #expect(problem?.contains(message) == true, "\(problem ?? "taken")")
    #expect(problem?.contains("\n") == false)
  }

  @Test("nesting without end is refused before it is parsed")
  func depth() {
    let deep = 200_000
    for text in [
      String(repeating: "[", count: deep), "a: " + String(repeating: "{a: ", count: deep),
      String(repeating: "- ", count: deep) + "x", String(repeating: "? ", count: deep) + "x",
      (0..<1400).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ] {
      #expect(Self.problem(text)?.contains("is nested deeper than 16 levels") == true, "\(text.prefix(20))")
    }
  }

  @Test("a document that is not a mapping is refused", arguments: ["- 1", "3", "text", "[a, b]", "\"quoted\""])
  func roots(text: String) {
    #expect(Self.problem(text) == "r.yaml: is not a mapping; write keys with values below it")
  }

  @Test(
    "what only looks like an alias is a text, as YAML has it",
    arguments: [
      "evaluate: {metrics: [accuracy]} # & and * in a comment: *a &b",
      "data: {train: data/*.tsv, columns: {text: R & D, label: 'a *b', id: \"*x &y\"}}",
      "data:\n  train: |-\n    *not an alias\n    &nor this\n",
      "data: {train: it's &amp; more}", "data: {train: 'it''s *a'}", "data: {train: \"say \\\"*a\\\"\"}",
      "data: {train: a#*b}", "data: {train: \"two\n  *lines\"}", "data:\n  train: a\r\nseed: 3",
    ])
  func noAliases(text: String) {
    #expect(
      Self.problem("model: {from: a-model}\n" + text + (text.contains("data:") ? "" : "\ndata: {train: a}")) == nil)
  }

  @Test("a byte order mark, comments and the marks of one document are taken")
  func decorations() {
    #expect(Self.problem("\u{FEFF}# a recipe\n%YAML 1.1\n---\n" + Self.recipe + "...\n") == nil)
    #expect(Self.problem("\u{FEFF}" + Self.recipe) == nil)
  }

  @Test("of steps and epochs the one of --set takes the place of that in the file")
  func lengths() throws {
    func recipe(_ line: String, _ assignments: String...) throws -> (Recipe, String) {
      var document = try RecipeDocument(yaml: Self.recipe + line, source: "r.yaml")
      for assignment in assignments { try document.set(assignment) }
      return (try Recipe(document), document.canonicalText)
    }
    let (steps, stepsText) = try recipe("epochs: 3", "steps=5")
    #expect(steps.length == .steps(5) && !stepsText.contains("epochs"))
    let (epochs, epochsText) = try recipe("steps: 5", "epochs=3")
    #expect(epochs.length == .epochs(3) && !epochsText.contains("steps"))
    #expect(try recipe("epochs: 3", "steps=5", "epochs=null").0.length == .steps(5))
    #expect(try recipe("epochs: 3", "steps=null").0.length == .epochs(3))
    #expect(throws: RecipeError.self) { try recipe("", "steps=5", "epochs=3") }
    #expect(throws: RecipeError.self) { try recipe("steps: 5\nepochs: 3") }
  }

  @Test("--set changes a key that the file writes in quotes")
  func quotedKeys() throws {
    var document = try RecipeDocument(yaml: Self.recipe + "\"batch\": {\"size\": 4}", source: "r.yaml")
    try document.set("batch.size=8")
    #expect(try Recipe(document).batch.size == 8)
  }
}
