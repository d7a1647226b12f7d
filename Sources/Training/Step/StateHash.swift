import Optimizers

/// What every rank must hold alike, as 64-bit hashes: one of each kind of state.
///
/// A hash is a function of the bits alone (see `WeightHash`), so it may be compared between ranks, runs and machines.
public struct StateHash: Sendable, Equatable {
  /// One kind of state.
  public struct Kind: Sendable, Equatable {
    public var name: String
    public var hash: UInt64
  }

  /// Weights first, then running statistics, moments, averages that every rank keeps, and counters.
  public let kinds: [Kind]

  /// Of the weights alone.
  public var weights: UInt64 { kinds[0].hash }

  /// Of all kinds together.
  public var all: UInt64 { WeightHash.hash(kinds.map(\.hash)) }
}
