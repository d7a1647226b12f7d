import Schedules

/// The last operation of a hierarchical sum through shared memory: each owner shows its part, and everyone copies all parts.
final class HostGather: PieceWork {
  private let vector: UnsafeMutableRawPointer
  private let memory: HostMemory
  private let parts: HostParts

  init(_ operation: CollectiveOperation, memory: HostMemory, owners: Int) {
    vector = operation.buffers[0]
    self.memory = memory
    parts = HostParts(bytes: operation.count * 4, owners: owners)
  }

  var pieces: Int { parts.pieces }
  var sharesResults: Bool { true }

  func stage(_ piece: Piece) {}

  func sum(_ piece: Piece) {
    guard memory.rank < parts.owners else { return }
    let range = parts.range(piece, of: memory.rank)
    memory.own.result(piece.slot).copyMemory(from: vector + range.lowerBound, byteCount: range.count)
  }

  func copy(_ piece: Piece) {
    for owner in 0..<parts.owners where owner != memory.rank {
      let range = parts.range(piece, of: owner)
      (vector + range.lowerBound).copyMemory(
        from: memory.segments[owner].result(piece.slot), byteCount: range.count)
    }
  }
}
