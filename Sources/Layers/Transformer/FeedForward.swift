import Tensors

/// The first half of a layer's feed-forward block: a linear map to more columns and an activation.
public final class FeedForward: Module {
  let dense: Linear
  let activation: Activation
  private let name: String

  /// - Parameter name: of the linear map in a checkpoint.
  public init(
    _ inputs: Int, _ outputs: Int, _ activation: Activation, initializer: Parameter.Initializer, name: String = "dense"
  ) {
    dense = Linear(inputs, outputs, initializer: initializer)
    self.activation = activation
    self.name = name
  }

  public var checkpointNames: [String: String] { ["dense": name] }

  public func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor { dense(input, activation, pass) }
}
