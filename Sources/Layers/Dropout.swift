import Tensors

/// A place where elements are dropped in training (Srivastava et al. 2014).
///
/// Masks are functions of (seed, step, pass, site, row of the global batch, coordinate): the same at any number of ranks.
public final class Dropout: Module {
  public let probability: Double

  /// The number of this site in its model, given when the model's arenas are laid out.
  public internal(set) var site: UInt32 = 0

  /// Part of a frozen module: nothing is dropped.
  public var isFrozen = false

  public init(_ probability: Double) {
    require((0..<1).contains(probability), "a dropout probability lies in 0 ..< 1, not \(probability)")
    self.probability = probability
  }

  public func mask(_ pass: Pass) -> DropoutMask? {
    isFrozen ? nil : pass.dropoutMask(site: site, probability: probability)
  }

  /// [n, width] → [n, width].
  public func callAsFunction(_ input: Tensor, _ coordinates: Coordinates, _ pass: Pass) -> Tensor {
    pass.dropout(input, mask(pass), coordinates)
  }
}
