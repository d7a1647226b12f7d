import Models

/// Recipe section `model`: what is trained, and from which weights.
public struct ModelRecipe {
  public typealias Kind = ModelRecipeKind

  /// What becomes of a trained model's head.
  public enum HeadWeights: String, Sendable, CaseIterable {
    /// It must fit.
    case keep
    /// It starts from random weights.
    case new
  }

  public var kind: Kind
  /// A Hugging Face directory (for images the folder of a residual network), or nil for random weights.
  public var from: String?
  /// Keys of a `config.json`, where the weights are random.
  public var configuration: [String: Any]?
  public var vocabulary: String?
  /// The number of classes that the user expects; the rows say how many there are.
  public var labels: Int?
  /// What becomes of the head of `from`; nil where it is kept if it fits the rows' classes.
  public var headWeights: HeadWeights?
  /// What the recipe says of the head.
  public var head: HeadChoice
  /// Module or parameter paths; they and everything below them are frozen.
  public var freeze: [String]
  /// The backward pass computes layers again, of which it then needs the inputs alone.
  public var recomputesLayers: Bool
  /// Which images batch norms normalise together in training.
  public var statistics: StatisticsScope

  /// Classes beyond this are not what a classifier's head is for.
  private static let mostLabels = 1_000_000

  init(_ section: Section) throws {
    kind = try section.choice("kind", default: .textClassifier)
    from = try section.string("from")
    let configured = try section.section("configuration")
    configuration = configured?.plainValues()
    vocabulary = try section.string("vocabulary")
    labels = try section.integer("labels", atLeast: 2, atMost: Self.mostLabels)
    headWeights = try section.choice("head_weights")
    head = try Self.head(section)
    freeze = try section.strings("freeze", default: [])
    recomputesLayers = try section.boolean("recompute", default: false)
    statistics = try section.choice("statistics", default: .microbatch)
    try section.finish()
    if kind == .textClassifier, section.contains("statistics") {
      throw section.error("statistics", "belongs to batch norms, which this model has none of; leave it out")
    }
    if kind == .imageClassifier, section.contains("recompute") {
      throw section.error("recompute", "is for the layers of text classifiers' encoders; leave it out")
    }
    if kind == .imageClassifier, vocabulary != nil {
      throw section.error("vocabulary", "belongs to text classifiers; leave it out")
    }
    if from != nil && configuration != nil {
      throw section.error("configuration", "is given next to from; keep one of them")
    }
    if from == nil, headWeights != nil {
      throw section.error("head_weights", "belongs to the head of model.from, which is not given; leave it out")
    }
    if let configured { try ConfigurationCheck(kind, labels: labels ?? 2).check(configuration ?? [:], of: configured) }
    if kind == .imageClassifier, head.pooling != nil || head.hidden != nil {
      throw section.error("head", "has pooling or hidden, which belong to text classifiers; leave them out")
    }
  }

  /// Reads `head`, and `multi_sample_dropout`, which is another name of `head.dropout`.
  private static func head(_ section: Section) throws -> HeadChoice {
    let samples = try section.numbers("multi_sample_dropout")
    try check(samples, "multi_sample_dropout", section)
    let head = try section.section(orEmpty: "head")
    let choice = HeadChoice(
      pooling: try head.choice("pooling"), dropouts: try head.numbers("dropout") ?? samples,
      hidden: try head.integer("hidden", atLeast: 1, atMost: 65_536))
    try head.finish()
    if samples != nil, head.contains("dropout") {
      throw section.error(
        "multi_sample_dropout", "is given next to head.dropout, which means the same; keep one of them")
    }
    try check(choice.dropouts, "dropout", head)
    return choice
  }

  private static func check(_ dropouts: [Double]?, _ key: String, _ section: Section) throws {
    guard let dropouts else { return }
    if let bad = dropouts.first(where: { !(0..<1).contains($0) }) {
      throw section.error(key, "holds \(bad); give probabilities below 1")
    }
    if dropouts.isEmpty { throw section.error(key, "is empty; give at least one probability or leave it out") }
  }
}
