import Checkpoints
import Collectives
import Tensors
import Training

/// On separate disks: the moments of which each rank holds a part, brought piece by piece to the copy that rank 0 writes.
enum GatheredShards {
  /// Elements that each rank sends at once.
  private static let piece = 1 << 18

  /// All ranks together; the snapshot of rank 0 holds what that rank has.
  static func put(into snapshot: StateSnapshot, of trainer: Trainer) throws {
    guard let shards = trainer.shards else { return }
    let replicas = trainer.replicas
    let longest = shards.ranges.map(\.count).max() ?? 0
    let room = min(piece, longest)
    let outgoing = UnsafeMutableBufferPointer<Float>.allocate(capacity: room)
    let incoming = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: replicas.isRoot ? room * shards.ranges.count : 0)
    defer {
      outgoing.deallocate()
      incoming.deallocate()
    }
    outgoing.initialize(repeating: 0)
    for named in trainer.jointArenas where named.isSharded {
      for start in stride(from: 0, to: longest, by: piece) {
        let count = min(piece, longest - start)
        let own = part(of: shards.own, from: start, count)
        if !own.isEmpty { outgoing.baseAddress!.update(from: named.arena.pointer(to: own), count: own.count) }
        let arrived = UnsafeMutableBufferPointer(rebasing: incoming.prefix(count * shards.ranges.count))
        let bytes = count * MemoryLayout<Float>.stride
        try replicas.group.allToAll(
          UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: outgoing[..<count])),
          lengths: [bytes] + shards.ranges.dropFirst().map { _ in 0 }, into: UnsafeMutableRawBufferPointer(arrived),
          name: named.kind, step: trainer.step)
        guard replicas.isRoot else { continue }
        for (rank, range) in shards.ranges.enumerated().dropFirst() {
          let part = part(of: range, from: start, count)
          guard !part.isEmpty else { continue }
          let values = arrived[rank * count..<rank * count + part.count]
          snapshot.put(named.kind, part, UnsafeBufferPointer(rebasing: values))
        }
      }
    }
  }

  /// The elements of a rank's part that it sends with a piece.
  private static func part(of range: Range<Int>, from start: Int, _ count: Int) -> Range<Int> {
    (range.lowerBound + start..<range.lowerBound + start + count).clamped(to: range)
  }
}
