import Schedules

/// A gather over the ranks of one host through memory that they share.
///
/// Of each rank's bytes as many as a slot takes are one piece: the rank stages its own, and copies those of all others to their
/// places. Nothing is added, so a piece is over once everyone has copied what was staged.
final class SharedGather: PieceWork {
  private let bytes: UnsafeMutableRawPointer
  private let memory: HostMemory
  /// Where each rank's bytes lie among those of all.
  private let blocks: [Range<Int>]

  let pieces: Int

  var sharesResults: Bool { false }

  init(_ operation: CollectiveOperation, memory: HostMemory) {
    bytes = operation.buffers[0]
    self.memory = memory
    var end = 0
    blocks = operation.lengths.map { length in
      defer { end += length }
      return end..<end + length
    }
    let longest = operation.lengths.max() ?? 0
    pieces = max(1, (longest + SharedSegment.slotBytes - 1) / SharedSegment.slotBytes)
  }

  func stage(_ piece: Piece) {
    let own = part(of: memory.rank, piece)
    memory.own.stage(piece.slot).copyMemory(from: bytes + own.lowerBound, byteCount: own.count)
  }

  func sum(_ piece: Piece) {
    for (peer, segment) in memory.segments.enumerated() where peer != memory.rank {
      let part = part(of: peer, piece)
      (bytes + part.lowerBound).copyMemory(from: segment.stage(piece.slot), byteCount: part.count)
    }
  }

  /// What a rank of the host brings to a piece; nothing once all of its bytes are there.
  private func part(of peer: Int, _ piece: Piece) -> Range<Int> {
    let block = blocks[memory.ranks[peer]]
    let start = min(block.lowerBound + piece.number * SharedSegment.slotBytes, block.upperBound)
    return start..<min(start + SharedSegment.slotBytes, block.upperBound)
  }
}
