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
    let firsts = encoder(batch, .first, pass)
    return scores(layers.reduce(firsts.hidden) { $1($0, pass) }, firsts.places, pass)
  }
}

/// A linear map and an activation.
final class HeadMap: Module {
  let dense: Linear
  let activation: Activation
  private let name: String

  init(_ layer: HeadLayer, inputs: Int, initializer: Parameter.Initializer) {
    dense = Linear(inputs, layer.width, initializer: initializer)
    activation = layer.activation
    name = layer.name
  }

  var checkpointNames: [String: String] { ["dense": name] }

  func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor {
    pass.activation(dense(input, pass), activation)
  }
}
