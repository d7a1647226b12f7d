import Foundation

/// What a residual network's computation depends on: the keys of its `config.json` and of a recipe's
/// `model.configuration`.
public struct ResidualConfiguration: Sendable, Equatable {
  /// One residual block: how many channels it gives, and how far its first convolution steps.
  public struct Block: Sendable, Equatable {
    public var channels: Int
    public var stride: Int

    public init(channels: Int, stride: Int = 1) {
      self.channels = channels
      self.stride = stride
    }
  }

  /// Channels of the images.
  public var inputChannels = 1
  public var stemChannels = 16
  public var blocks = [Block(channels: 32, stride: 1), Block(channels: 64, stride: 2)]
  /// Of the features before the linear map.
  public var dropout = 0.0
  public var normEpsilon = 1e-5
  public var normMomentum = 0.1
  /// What was taken from the pixels (0 to 1), and what they were divided by.
  public var pixelMean = 0.0
  public var pixelDeviation = 1.0

  public init() {}

  static let modelType = "lockstep-residual-network"

  private static let keys = [
    "model_type", "architectures", "id2label", "label2id", "input_channels", "stem_channels", "block_channels",
    "block_strides", "dropout", "norm_epsilon", "norm_momentum", "pixel_mean", "pixel_deviation",
  ]

  /// Reads the keys; absent ones keep the values above.
  /// - Throws: `ModelError` that names the key.
  public init(json: [String: Any], source: String) throws {
    let reader = ConfigurationReader(json: json, source: source)
    try reader.require("model_type", oneOf: [Self.modelType])
    if let unknown = json.keys.sorted().first(where: { !Self.keys.contains($0) }) {
      throw ModelError(
        file: source, problem: "\(unknown) is not a key of a residual network",
        remedy: "known keys: " + Self.keys.dropFirst(4).joined(separator: ", "))
    }
    inputChannels = try reader.positive("input_channels", inputChannels)
    stemChannels = try reader.positive("stem_channels", stemChannels)
    let channels = try reader.positives("block_channels") ?? blocks.map(\.channels)
    let strides = try reader.positives("block_strides") ?? channels.indices.map { $0 == 0 ? 1 : 2 }
    guard channels.count == strides.count else {
      throw ModelError(
        file: source, problem: "block_channels has \(channels.count) values and block_strides \(strides.count)",
        remedy: "give one of each for every block")
    }
    blocks = zip(channels, strides).map { Block(channels: $0, stride: $1) }
    dropout = try reader.probability("dropout") ?? dropout
    normEpsilon = try reader.number("norm_epsilon") ?? normEpsilon
    normMomentum = try reader.number("norm_momentum") ?? normMomentum
    pixelMean = try reader.number("pixel_mean") ?? pixelMean
    pixelDeviation = try reader.number("pixel_deviation") ?? pixelDeviation
    guard normEpsilon > 0, (0...1).contains(normMomentum), pixelDeviation > 0 else {
      throw ModelError(
        file: source,
        problem:
          "norm_epsilon \(normEpsilon), norm_momentum \(normMomentum), pixel_deviation \(pixelDeviation) are impossible",
        remedy: "give a positive epsilon and deviation, and a momentum of at most 1")
    }
  }

  /// The keys as `config.json` holds them.
  public var json: [String: Any] {
    [
      "architectures": ["ResidualNetwork"], "model_type": Self.modelType, "input_channels": inputChannels,
      "stem_channels": stemChannels, "block_channels": blocks.map(\.channels), "block_strides": blocks.map(\.stride),
      "dropout": dropout, "norm_epsilon": normEpsilon, "norm_momentum": normMomentum, "pixel_mean": pixelMean,
      "pixel_deviation": pixelDeviation,
    ]
  }
}
