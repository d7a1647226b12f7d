import Tensors

/// How a classifier's head is built: which vector of a row it reads, through which layers, and how it drops its elements.
public struct HeadDesign: Sendable, Equatable {
  /// The vector of a row.
  public enum Pooling: String, Sendable, CaseIterable {
    /// The first token's, through the layer that was trained with the encoder.
    case pooler
    /// The first token's.
    case first
  }

  public var pooling: Pooling
  /// Layers between the vector and the scores, without a pooler.
  public var layers: [HeadLayer]
  /// Dropout probabilities before the scores, one for each sample of the head.
  public var dropouts: [Double]
  /// The name of the map to scores in a checkpoint.
  public var scores: String

  public init(
    _ pooling: Pooling, layers: [HeadLayer] = [], dropouts: [Double], scores: String = "classifier"
  ) {
    self.pooling = pooling
    self.layers = layers
    self.dropouts = dropouts
    self.scores = scores
  }
}

/// A linear map with an activation in a head.
public struct HeadLayer: Sendable, Equatable {
  /// The name of the map in a checkpoint.
  public var name: String
  /// Columns that it gives.
  public var width: Int
  public var activation: Activation

  public init(_ name: String, width: Int, _ activation: Activation = .tanh) {
    self.name = name
    self.width = width
    self.activation = activation
  }
}
