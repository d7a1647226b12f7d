import Optimizers
import Tensors

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

extension Trainer {
  /// Hashes everything that ranks must hold alike; one pass over memory on the rank's threads.
  package var stateHash: StateHash {
    let arenas = replicatedArenas.map { named in
      StateHash.Kind(name: named.kind, hash: WeightHash.hash(named.arena, workers: engine.workers))
    }
    let values = replicatedValues.sorted { $0.key < $1.key }.map(\.value.bitPattern)
    return StateHash(kinds: arenas + [StateHash.Kind(name: "counters", hash: WeightHash.hash(values))])
  }

  /// Hashes of the tensors of one kind, by which a difference is found.
  func tensorHashes(of kind: String) -> [(name: String, hash: UInt64)] {
    guard let arena = replicatedArenas.first(where: { $0.kind == kind })?.arena else { return [] }
    return arena.layout.slices.map { ($0.name, WeightHash.hash(arena, range: $0.range)) }
  }
}
