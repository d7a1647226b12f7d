import Data
import Layers
import Tensors

/// The head of a text classifier: the vector of a row, layers, dropout and a map to scores, which a design may leave out.
public final class TextHead: Module {
  let pooling: RowPooling
  let layers: [HeadMap]
  let scores: ClassificationHead?
  let decoder: VocabularyScores?
  /// Between the tags of words; nil where each word is scored by itself.
  let transitions: TransitionScores?
  /// Columns of what it gives.
  let outputs: Int
  private let design: HeadDesign

  /// - Parameters:
  ///   - pooler: of the encoder's family.
  ///   - width: columns of the encoder's vectors.
  public init(
    _ design: HeadDesign, pooler: HeadLayer?, width: Int, labels: Int, initializer: Parameter.Initializer
  ) {
    self.design = design
    var layers = design.layers
    if design.pooling == .pooler {
      guard let pooler else { preconditionFailure("a head with a pooler, and the family has none") }
      layers.insert(pooler, at: 0)
    }
    pooling = RowPooling(design.pooling, width: width, initializer: initializer)
    var inputs = pooling.width
    self.layers = layers.map { layer in
      defer { inputs = layer.width }
      return HeadMap(layer, inputs: inputs, initializer: initializer)
    }
    decoder = design.decoder.map { VocabularyScores($0, count: labels) }
    scores =
      design.hasScores && design.decoder == nil
      ? ClassificationHead(width: inputs, labels: labels, dropouts: design.dropouts, initializer: initializer) : nil
    transitions = design.hasTransitions ? TransitionScores(tags: labels) : nil
    outputs = design.hasScores ? labels : inputs
  }

  public var checkpointNames: [String: String] {
    [
      "pooling": "head", "layers": "", "scores": design.scores, "decoder": design.scores,
      "transitions": HeadDesign.transitions,
    ]
  }

  /// One [rows, outputs] for each sample; of a design that reads words one [words, outputs], behind which the scores between
  /// tags stand where there are such.
  /// - Parameter words: those that are labelled, or the tokens that are masked.
  public func callAsFunction(
    _ encoder: any TokenEncoder, _ batch: TokenBatch, words: LabelledWords?, _ pass: Pass
  ) -> [Tensor] {
    let (pooled, places) = input(encoder, batch, words, pass)
    let vectors = layers.reduce(pooled) { $1($0, places, pass) }
    if let decoder { return [decoder(vectors, encoder.embeddings.word, pass)] }
    let samples = scores.map { $0(vectors, places, pass) } ?? [vectors]
    return transitions.map { transitions in samples.map { transitions($0, pass) } } ?? samples
  }

  private func input(
    _ encoder: any TokenEncoder, _ batch: TokenBatch, _ words: LabelledWords?, _ pass: Pass
  ) -> (hidden: Tensor, places: Coordinates) {
    guard design.readsWords else { return (pooling(encoder, batch, pass), Coordinates(rows: pass.rows)) }
    guard let words else { preconditionFailure("a head of words, and rows that are labelled as a whole") }
    guard decoder != nil, encoder.takesSomeTokens, words.areEverywhere else {
      return encoder(batch, .all, pass).gathered(words.tokens, pass)
    }
    let vectors = encoder(batch, .some(words.tokens, borders: words.borders), pass)
    return (vectors.hidden, vectors.places)
  }
}

/// Dropout, a linear map, an activation and perhaps a norm.
final class HeadMap: Module {
  let dropout: Dropout?
  let dense: Linear
  let norm: LayerNorm?
  private let layer: HeadLayer

  init(_ layer: HeadLayer, inputs: Int, initializer: Parameter.Initializer) {
    dropout = layer.dropout > 0 ? Dropout(layer.dropout) : nil
    dense = Linear(inputs, layer.width, hasBias: layer.hasBias, initializer: initializer)
    norm = layer.norm.map { LayerNorm(layer.width, epsilon: Float($0.epsilon), hasBias: $0.hasBias) }
    self.layer = layer
  }

  var checkpointNames: [String: String] {
    ["dense": layer.name, "norm": layer.norm?.name ?? "", "dropout": layer.name + ".dropout"]
  }

  func callAsFunction(_ input: Tensor, _ places: Coordinates, _ pass: Pass) -> Tensor {
    let dropped = dropout.map { $0(input, places, pass) } ?? input
    let result = pass.activation(dense(dropped, pass), layer.activation)
    return norm.map { $0(result, pass) } ?? result
  }
}
