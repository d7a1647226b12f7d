import Foundation
import Layers
import Support
import Tensors

/// RoFormer (Su et al. 2021, arXiv:2104.09864), as `RoFormerModel` of transformers computes it.
///
/// BERT whose queries and keys turn by their positions, in place of a table of positions; words and types may be embedded in
/// fewer columns, which a map widens.
public struct RoFormer: EncoderFamily {
  public static let modelTypes = ["roformer"]
  public static let architectures = Architectures(
    encoder: "RoFormerModel", classifier: "RoFormerForSequenceClassification")
  public static let prefix = "roformer"

  public static var keys: EncoderConfiguration.Keys {
    var keys = EncoderConfiguration.Keys()
    keys.classifierDropout = nil
    return keys
  }

  public var configuration: EncoderConfiguration
  /// Columns of the tables of words and types.
  public var embeddingSize: Int
  /// Values turn as queries and keys do.
  public var turnsValues = false

  public init() {
    configuration = EncoderConfiguration()
    configuration.vocabularySize = 50_000
    configuration.maximumPositions = 1536
    embeddingSize = configuration.hiddenSize
  }

  public init(json: [String: Any], source: String) throws {
    self.init()
    let reader = ConfigurationReader(json: json, source: source)
    configuration = try EncoderConfiguration(reader, keys: Self.keys, usual: configuration)
    embeddingSize = try reader.positive("embedding_size", configuration.hiddenSize)
    turnsValues = try reader.flag("rotary_value", false)
    guard (configuration.hiddenSize / configuration.heads).isMultiple(of: 2) else {
      throw reader.wrong(
        "hidden_size",
        "\(configuration.hiddenSize) gives each of \(configuration.heads) heads an odd number of columns, which cannot "
          + "turn in pairs")
    }
  }

  public var json: [String: Any] {
    configuration.json(Self.keys).merging(["embedding_size": embeddingSize, "rotary_value": turnsValues]) { $1 }
  }

  public var sizes: [EncoderSize] {
    let words = "embeddings.word_embeddings.weight"
    let layer = "encoder.layer.0.attention.output.dense.weight"
    return configuration.sizes(Self.keys).map { size in
      switch size.key {
      case "hidden_size": EncoderSize(size.key, size.value, largest: size.largest, in: layer)
      case "max_position_embeddings": EncoderSize(size.key, size.value, largest: size.largest)
      default: size
      }
    } + [EncoderSize("embedding_size", embeddingSize, largest: 65_536, in: words, axis: 1)]
  }

  public func encoder() -> any TokenEncoder {
    let sizes = configuration
    var layer = sizes.layer
    layer.rotary = RotaryPositions(base: 10_000, pairing: .neighbours, turnsValues: turnsValues)
    let widens = embeddingSize != sizes.hiddenSize
    return LayeredEncoder(
      TokenEmbeddings(
        words: sizes.vocabularySize, positions: nil, types: sizes.typeVocabularySize, width: embeddingSize,
        epsilon: sizes.normEpsilon, dropout: sizes.hiddenDropout, initializer: sizes.initializer,
        padding: sizes.paddingID),
      projection: widens
        ? ("embeddings_project", Linear(embeddingSize, sizes.hiddenSize, initializer: sizes.initializer)) : nil,
      layers: (0..<sizes.layers).map { _ in EncoderLayer(layer) }, width: sizes.hiddenSize)
  }

  /// Dropout, a map with the encoder's activation, dropout, and a map to the classes.
  public var head: HeadDesign {
    HeadDesign(
      .first,
      layers: [
        HeadLayer(
          "classifier.dense", width: configuration.hiddenSize, configuration.activation,
          dropout: configuration.hiddenDropout)
      ], dropouts: [configuration.hiddenDropout], scores: "classifier.out_proj")
  }

  public var wordHead: HeadDesign { .words(dropouts: [configuration.hiddenDropout]) }

  public var vocabularyHead: HeadDesign { configuration.predictions(width: embeddingSize) }

  public var pooler: HeadLayer? { nil }

  /// The sines and cosines that transformers keeps with the weights.
  public var constants: [ConstantTensor] {
    let (positions, depth) = (configuration.maximumPositions, configuration.hiddenSize / configuration.heads)
    return [
      ConstantTensor("encoder.embed_positions.weight", [positions, depth]) { index in
        let (position, column) = (index / depth, index % depth)
        let angle = Double(position) / PortableFunctions.pow(10_000, Double(2 * (column % (depth / 2))) / Double(depth))
        return Float(column < depth / 2 ? PortableFunctions.sin(angle) : PortableFunctions.cos(angle))
      }
    ]
  }
}
