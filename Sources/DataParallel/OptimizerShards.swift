import Checkpoints
import Diagnostics
import Optimizers
import Tensors

/// The parts of the weights that ranks update, one each: `optimizer: {sharded: true}`.
///
///     every rank    sum of all gradients, norm, clipping                       as ever
///     each rank     its part of the weights ← optimizer(part of the gradient)   moments of its part alone
///     every rank    all weights                                                gathered from all ranks
///
/// - Paper: Rajbhandari et al., ZeRO: memory optimizations toward training trillion parameter models, arXiv:1910.02054,
///   stage 1, and the weight-update sharding of Xu et al., arXiv:2004.13336.
/// - An update is elementwise, so the bits are those of ranks that update everything. The gradient is summed whole on every
///   rank, because clipping, adversaries and a user's own step read it.
/// - A part is what its rank writes of a checkpoint, so that each writes what it has.
/// - Cost: of n bytes of trainable weights on p ranks, each rank sends n (p - 1) / p more a step. Saves: (p - 1) / p of the
///   optimizer's memory and of its time.
public struct OptimizerShards: Sendable, Equatable {
  public let rank: Int
  /// Elements of the weight arena, by rank: together all of it, in order.
  public let ranges: [Range<Int>]

  /// The part of this rank.
  public var own: Range<Int> { ranges[rank] }

  public init(_ layout: ArenaLayout, rank: Int, of ranks: Int) {
    precondition((0..<ranks).contains(rank), "rank \(rank) of \(ranks)")
    self.rank = rank
    let state = layout.forCheckpoint
    ranges = (0..<ranks).map { state.arenaShare(of: $0, of: ranks, extent: layout.count) }
  }

  package func check(for replicas: DataParallelGroup) {
    precondition(
      rank == replicas.rank && ranges.count == replicas.size,
      "the optimizer's part is that of rank \(rank) of \(ranges.count), this is rank \(replicas.rank)"
        + " of \(replicas.size)")
    precondition(replicas.reduction.outer == nil, "ranks that take steps of their own update all weights")
  }

  /// Brings the weights that each rank has updated to all of them.
  package func gather(_ weights: Arena, _ groups: ParameterGroups, over replicas: DataParallelGroup, step: Int) throws {
    guard ranges.count > 1 else { return }
    FaultInjection.reach("update", rank: rank, number: UInt64(step + 1))
    try replicas.track.span(.exchange) {
      for stretch in Self.trainable(groups) {
        let values = UnsafeMutableBufferPointer(start: weights.pointer(to: stretch), count: stretch.count)
        try gather(values, of: stretch, name: "updated weights", over: replicas, step: step)
      }
    }
  }

  /// The stretches of the arena between frozen tensors.
  private static func trainable(_ groups: ParameterGroups) -> [Range<Int>] {
    groups.members.split(whereSeparator: \.isFrozen).compactMap { members in
      guard let first = members.first, let last = members.last else { return nil }
      return first.range.lowerBound..<last.range.upperBound
    }
  }

  /// Brings all ranks to the same values of some elements, each of which is right on the rank whose part it is in.
  private func gather(
    _ values: UnsafeMutableBufferPointer<Float>, of elements: Range<Int>, name: String,
    over replicas: DataParallelGroup,
    step: Int
  ) throws {
    let lengths = ranges.map { $0.clamped(to: elements).count * MemoryLayout<Float>.stride }
    try replicas.group.allGather(in: UnsafeMutableRawBufferPointer(values), lengths: lengths, name: name, step: step)
  }
}

extension OptimizerShards {
  /// The hash of an arena of which each rank holds its part: that of the whole, on all ranks (see `WeightHash`).
  ///
  /// A block that lies in one part is hashed by its rank. One that lies in several is brought together on all ranks: at most
  /// one block fewer than there are ranks.
  package func hash(
    _ arena: Arena, name: String, over replicas: DataParallelGroup, step: Int, workers: Workers
  ) throws -> UInt64 {
    let size = WeightHash.blockCount
    let blocks = stride(from: 0, to: arena.layout.count, by: size).map { $0..<min($0 + size, arena.layout.count) }
    let inside = blocks.filter { own.clamped(to: $0) == $0 }
    let hashes = inside.flatMap { WeightHash.blockHashes(of: arena, range: $0, workers: workers) }
    // Parts follow one another, and so do the blocks within them.
    var known = try replicas.gather(hashes, name: "hashes of \(name)", step: step).joined().makeIterator()
    let scratch = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(size, arena.layout.count))
    defer { scratch.deallocate() }
    return WeightHash.hash(
      try blocks.map { block in
        if ranges.contains(where: { $0.clamped(to: block) == block }), let hash = known.next() { return hash }
        let values = UnsafeMutableBufferPointer(rebasing: scratch[..<block.count])
        let held = own.clamped(to: block)
        if !held.isEmpty {
          let place = values.baseAddress! + (held.lowerBound - block.lowerBound)
          place.update(from: arena.pointer(to: held), count: held.count)
        }
        try gather(values, of: block, name: name, over: replicas, step: step)
        return WeightHash.hash(UnsafeBufferPointer(values))
      })
  }
}
