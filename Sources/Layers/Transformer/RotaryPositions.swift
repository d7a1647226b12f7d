import Tensors

/// Positions as angles by which queries and keys turn, so that their products depend on distances alone (Su et al. 2021,
/// arXiv:2104.09864).
public struct RotaryPositions: Sendable, Equatable {
  /// The slowest pair of columns turns by nearly 1 / base a token.
  public let base: Double
  public let pairing: RotaryPairing
  /// Values turn as well.
  public let turnsValues: Bool

  public init(base: Double, pairing: RotaryPairing, turnsValues: Bool = false) {
    self.base = base
    self.pairing = pairing
    self.turnsValues = turnsValues
  }

  /// A matrix of heads, each token's turned by its place in its row.
  func callAsFunction(_ input: Tensor, of tokens: TokenVectors, heads: Int, _ pass: Pass) -> Tensor {
    pass.rotary(input, heads: heads, positions: tokens.positions, base: base, pairing: pairing)
  }
}
