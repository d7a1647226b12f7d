import Tensors

/// A table of vectors, one a token, position or type.
public final class Embedding: Module {
  public let weight: Parameter

  /// - Parameter isConstant: not trained.
  public init(
    _ entries: Int, _ width: Int, initializer: Parameter.Initializer = .normal(0.02), isConstant: Bool = false
  ) {
    weight = Parameter([entries, width], kind: .embedding, initializer: initializer, isConstant: isConstant)
  }

  public var entries: Int { weight.shape[0] }
}
