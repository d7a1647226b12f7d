import Tensors

/// How a classifier's head is built: which vector of a row it reads, through which layers, and how it drops its elements.
public struct HeadDesign: Sendable, Equatable {
  /// The vector of a row.
  public enum Pooling: String, Sendable, CaseIterable {
    /// The first token's, through the layer that was trained with the encoder.
    case pooler
    /// The first token's.
    case first
    /// The mean over all tokens.
    case mean
    /// The largest of all tokens, column by column.
    case max
    /// A mean whose weights a learned vector decides.
    case attention
    /// The first token's, of the last four layers side by side (Devlin et al. 2018, section 5.3).
    case lastFour = "last-four"
  }

  public var pooling: Pooling
  /// Layers between the vector and the scores, without a pooler.
  public var layers: [HeadLayer]
  /// Dropout probabilities before the scores, one for each sample of the head.
  public var dropouts: [Double]
  /// The name of the map to scores in a checkpoint.
  public var scores: String
  /// Whether there is a map to scores; without one the model gives the vector of each sequence.
  public var hasScores = true
  /// Whether it reads the first token of each labelled word in place of a vector of the row.
  public var readsWords = false
  /// Whether scores between the tags of neighbouring words stand behind those of the words.
  public var hasTransitions = false
  /// The map to scores of the vocabulary, in place of one with its own weights; nil for most.
  public var decoder: TiedDecoder?
  /// Whether vectors have the length 1 where they are written; their cosines are the same.
  public var isNormalized = false

  public init(
    _ pooling: Pooling, layers: [HeadLayer] = [], dropouts: [Double], scores: String = "classifier"
  ) {
    self.pooling = pooling
    self.layers = layers
    self.dropouts = dropouts
    self.scores = scores
  }

  /// The scores of each labelled word, from its first token.
  public static func words(
    layers: [HeadLayer] = [], dropouts: [Double], scores: String = "classifier"
  ) -> HeadDesign {
    var design = HeadDesign(.first, layers: layers, dropouts: dropouts, scores: scores)
    design.readsWords = true
    return design
  }

  /// How the names of the scores between tags begin in a checkpoint, which is also the key of `lockstep_task` that says that
  /// there are such.
  package static let transitions = "crf"

  /// The vector of each sequence, without layers and without scores.
  public static func vectors(_ pooling: Pooling, isNormalized: Bool = false) -> HeadDesign {
    var design = HeadDesign(pooling, dropouts: [0], scores: "")
    (design.hasScores, design.isNormalized) = (false, isNormalized)
    return design
  }
}

/// A linear map with an activation in a head.
public struct HeadLayer: Sendable, Equatable {
  /// The name of the map in a checkpoint.
  public var name: String
  /// Columns that it gives.
  public var width: Int
  public var activation: Activation
  /// Of what comes in.
  public var dropout: Double
  public var hasBias: Bool
  /// Behind the activation.
  public var norm: Norm?

  /// A norm, and its name in a checkpoint.
  public struct Norm: Sendable, Equatable {
    public var name: String
    public var epsilon: Double
    public var hasBias: Bool

    public init(_ name: String, epsilon: Double, hasBias: Bool = true) {
      self.name = name
      self.epsilon = epsilon
      self.hasBias = hasBias
    }
  }

  public init(
    _ name: String, width: Int, _ activation: Activation = .tanh, dropout: Double = 0, hasBias: Bool = true,
    norm: Norm? = nil
  ) {
    self.name = name
    self.width = width
    self.activation = activation
    self.dropout = dropout
    self.hasBias = hasBias
    self.norm = norm
  }
}
