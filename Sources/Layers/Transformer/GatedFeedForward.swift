import Tensors

/// A feed-forward block whose first map gives pairs: one goes through an activation and is multiplied with the other (Shazeer
/// 2020, arXiv:2002.05202).
public final class GatedFeedForward: Module {
  /// [2 · inner, width]: what is activated, then what it is multiplied with.
  let input: Linear
  let output: Linear
  let dropout: Dropout
  private let activation: Activation
  private let names: (input: String, output: String)

  /// - Parameters:
  ///   - inner: columns between the two maps.
  ///   - names: of the two maps in a checkpoint.
  public init(
    _ width: Int, inner: Int, _ activation: Activation, dropout: Double, hasBias: Bool,
    initializer: Parameter.Initializer, names: (input: String, output: String) = ("Wi", "Wo")
  ) {
    input = Linear(width, 2 * inner, hasBias: hasBias, initializer: initializer)
    output = Linear(inner, width, hasBias: hasBias, initializer: initializer)
    self.dropout = Dropout(dropout)
    self.activation = activation
    self.names = names
  }

  public var checkpointNames: [String: String] {
    ["input": names.input, "output": names.output, "dropout": "drop"]
  }

  public func callAsFunction(_ tokens: TokenVectors, _ pass: Pass) -> Tensor {
    let gated = pass.gatedActivation(input(tokens.hidden, pass), activation)
    return output(dropout(gated, tokens.places, pass), pass)
  }
}
