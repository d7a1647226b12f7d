import Layers
import Tensors

/// ERNIE (Sun et al. 2019, arXiv:1904.09223; 2021, arXiv:2107.02137): BERT with an embedding of the task, which is the first
/// one wherever nothing else is said.
public struct ERNIE: EncoderFamily {
  public static let modelTypes = ["ernie"]
  public static let architectures = Architectures(
    encoder: "ErnieModel", classifier: "ErnieForSequenceClassification")
  public static let prefix = "ernie"
  public static let otherPrefixes = ["bert"]

  public var configuration = EncoderConfiguration()
  public var taskTypes = 3
  public var usesTask = false

  public init() {}

  public init(json: [String: Any], source: String) throws {
    let reader = ConfigurationReader(json: json, source: source)
    configuration = try EncoderConfiguration(reader)
    taskTypes = try reader.positive("task_type_vocab_size", taskTypes)
    usesTask = try reader.flag("use_task_id", usesTask)
    try reader.requireAbsolutePositions()
  }

  public var json: [String: Any] {
    configuration.json().merging(["task_type_vocab_size": taskTypes, "use_task_id": usesTask]) { $1 }
      .merging(ConfigurationReader.absolutePositions) { $1 }
  }

  public var sizes: [EncoderSize] {
    let table = usesTask ? "embeddings.task_type_embeddings.weight" : nil
    return configuration.sizes() + [EncoderSize("task_type_vocab_size", taskTypes, largest: 65_536, in: table)]
  }

  public func encoder() -> any TokenEncoder {
    let sizes = configuration
    return LayeredEncoder(
      TokenEmbeddings(
        words: sizes.vocabularySize, positions: sizes.maximumPositions, types: sizes.typeVocabularySize,
        tasks: usesTask ? taskTypes : nil, width: sizes.hiddenSize, epsilon: sizes.normEpsilon,
        dropout: sizes.hiddenDropout, initializer: sizes.initializer, padding: sizes.paddingID),
      layers: (0..<sizes.layers).map { _ in EncoderLayer(sizes.layer) }, width: sizes.hiddenSize)
  }

  /// The first token's vector through a map and tanh, dropout, and a map to the classes.
  public var head: HeadDesign { HeadDesign(.pooler, dropouts: [configuration.headDropout]) }

  public var vocabularyHead: HeadDesign { configuration.predictions() }

  public var pooler: HeadLayer? { HeadLayer("ernie.pooler.dense", width: configuration.hiddenSize) }
}
