import Tensors

/// A place where elements are dropped in training (Srivastava et al. 2014).
///
/// Masks are functions of (seed, step, pass, site, use, row of the global batch, coordinate): the same at any number of
/// ranks. A dropout that a pass uses several times draws another mask each time.
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

  /// The mask of one use.
  public func mask(_ pass: Pass) -> DropoutMask? {
    isFrozen ? nil : pass.dropoutMask(site: site, probability: probability)
  }

  /// [n, width] → [n, width].
  public func callAsFunction(_ input: Tensor, _ coordinates: Coordinates, _ pass: Pass) -> Tensor {
    pass.dropout(input, mask(pass), coordinates)
  }
}
