import DataParallel
import Optimizers
import Tensors

extension Trainer {
  /// Hashes everything that ranks hold together; one pass over memory on the rank's threads, all ranks together where each
  /// holds a part of the moments.
  package var stateHash: StateHash {
    get throws {
      let arenas = try jointArenas.map { named in
        StateHash.Kind(name: named.kind, hash: try hash(of: named))
      }
      let values = replicatedValues.sorted { $0.key < $1.key }.map(\.value.bitPattern)
      return StateHash(kinds: arenas + [StateHash.Kind(name: "counters", hash: WeightHash.hash(values))])
    }
  }

  private func hash(of named: NamedArena) throws -> UInt64 {
    guard named.isSharded, let shards = parts.shards else {
      return WeightHash.hash(named.arena, workers: engine.workers)
    }
    return try shards.hash(named.arena, name: named.kind, over: replicas, step: step, workers: engine.workers)
  }

  /// Hashes of the tensors of one kind that every rank holds, by which a difference is found.
  package func tensorHashes(of kind: String) -> [(name: String, hash: UInt64)] {
    guard let arena = jointArenas.first(where: { $0.kind == kind && !$0.isSharded })?.arena else { return [] }
    return arena.layout.slices.map { ($0.name, WeightHash.hash(arena, range: $0.range)) }
  }
}
