import Layers
import Tensors

/// The head of a text classifier: the vector of a row, layers, dropout and a map to scores.
public final class TextHead: Module {
  let layers: [HeadMap]
  let scores: ClassificationHead
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
    var inputs = width
    self.layers = layers.map { layer in
      defer { inputs = layer.width }
      return HeadMap(layer, inputs: inputs, initializer: initializer)
    }
    scores = ClassificationHead(
      width: inputs, labels: labels, dropouts: design.dropouts, initializer: initializer)
  }

  public var checkpointNames: [String: String] { ["layers": "", "scores": design.scores] }

  /// One [rows, labels] for each sample.
  public func callAsFunction(_ encoder: any TokenEncoder, _ batch: TokenBatch, _ pass: Pass) -> [Tensor] {
    let (vectors, places) = pooled(encoder, batch, pass)
    return scores(layers.reduce(vectors) { $1($0, places, pass) }, places, pass)
  }

  /// The vector of each row.
  private func pooled(
    _ encoder: any TokenEncoder, _ batch: TokenBatch, _ pass: Pass
  ) -> (vectors: Tensor, places: Coordinates) {
    switch design.pooling {
    case .pooler, .first:
      let firsts = encoder(batch, .first, pass)
      return (firsts.hidden, firsts.places)
    case .mean:
      let all = encoder(batch, .all, pass)
      return (pass.pool(all.hidden, offsets: all.offsets, .mean), Coordinates(rows: pass.rows))
    }
  }
}

/// Dropout, a linear map, an activation and a norm, of which only the map and the activation must be there.
final class HeadMap: Module {
  let dense: Linear
  let norm: LayerNorm?
  /// Nil where nothing is dropped, so that it takes no site.
  let dropout: Dropout?
  private let layer: HeadLayer

  init(_ layer: HeadLayer, inputs: Int, initializer: Parameter.Initializer) {
    dense = Linear(inputs, layer.width, hasBias: layer.hasBias, initializer: initializer)
    norm = layer.norm.map { LayerNorm(layer.width, epsilon: Float($0.epsilon), hasBias: $0.hasBias) }
    dropout = layer.dropout > 0 ? Dropout(layer.dropout) : nil
    self.layer = layer
  }

  var checkpointNames: [String: String] {
    ["dense": layer.name, "norm": layer.norm?.name ?? "", "dropout": layer.name + ".dropout"]
  }

  func callAsFunction(_ input: Tensor, _ places: Coordinates, _ pass: Pass) -> Tensor {
    let kept = dropout.map { $0(input, places, pass) } ?? input
    let mapped = pass.activation(dense(kept, pass), layer.activation)
    return norm.map { $0(mapped, pass) } ?? mapped
  }
}
