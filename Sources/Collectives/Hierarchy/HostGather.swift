/// The last operation of a hierarchical sum through shared memory: each owner shows its part, and everyone copies all parts.
///
/// What the ranks of a host do at this place was agreed in the first operation.
final class HostGather: SharedOperation {
  private let vector: UnsafeMutableRawPointer
  private let memory: HostMemory
  private let parts: HostParts
  private let base: UInt64
  private var (shown, copied): (UInt64, UInt64) = (0, 0)

  let dissenter: Int? = nil

  init(_ operation: Operation, memory: HostMemory, owners: Int) {
    vector = operation.buffers[0]
    self.memory = memory
    parts = HostParts(bytes: operation.count * 4, owners: owners)
    base = memory.pieces
    memory.pieces += parts.pieces
  }

  var isComplete: Bool { copied == parts.pieces }
  var fraction: Double { 0.5 + 0.5 * Double(copied) / Double(parts.pieces) }

  func expects(from peer: Int) -> Bool {
    guard let place = memory.ranks.firstIndex(of: peer), place != memory.rank else { return false }
    return memory.count(.summed, of: place) < base + parts.pieces
  }

  func advance() -> Bool {
    if copied < shown, memory.others(.summed, reach: base + copied + 1) {
      copy(copied)
      copied += 1
      memory.publish(.copied, base + copied)
    } else if shown < parts.pieces, memory.isFree(base + shown, after: .copied) {
      show(shown)
      shown += 1
      memory.publish(.staged, base + shown)
      memory.publish(.summed, base + shown)
    } else {
      return false
    }
    return true
  }

  private func show(_ piece: UInt64) {
    guard memory.rank < parts.owners else { return }
    let range = parts.range(piece, of: memory.rank)
    let room = memory.segments[memory.rank].result(base + piece)
    room.copyMemory(from: vector + range.lowerBound, byteCount: range.count)
  }

  private func copy(_ piece: UInt64) {
    for owner in 0..<parts.owners where owner != memory.rank {
      let range = parts.range(piece, of: owner)
      (vector + range.lowerBound).copyMemory(
        from: memory.segments[owner].result(base + piece), byteCount: range.count)
    }
  }
}
