import Schedules

/// A gather over the ranks of one host through memory that they share.
///
/// Of each rank's bytes as many as a slot takes are one segment: the rank stages its own, and copies those of all others to their
/// places. Nothing is added, so a segment is over once everyone has copied what was staged.
final class SharedGather: SegmentWork {
  private let bytes: UnsafeMutableRawPointer
  private let memory: HostMemory
  /// Where each rank's bytes lie among those of all.
  private let blocks: [Range<Int>]

  let segments: Int

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
    segments = max(1, (longest + SharedWindow.slotBytes - 1) / SharedWindow.slotBytes)
  }

  func stage(_ segment: Segment) {
    let own = part(of: memory.rank, segment)
    memory.own.stage(segment.slot).copyMemory(from: bytes + own.lowerBound, byteCount: own.count)
  }

  func sum(_ segment: Segment) {
    for (peer, window) in memory.windows.enumerated() where peer != memory.rank {
      let part = part(of: peer, segment)
      (bytes + part.lowerBound).copyMemory(from: window.stage(segment.slot), byteCount: part.count)
    }
  }

  /// What a rank of the host brings to a segment; nothing once all of its bytes are there.
  private func part(of peer: Int, _ segment: Segment) -> Range<Int> {
    let block = blocks[memory.ranks[peer]]
    let start = min(block.lowerBound + segment.number * SharedWindow.slotBytes, block.upperBound)
    return start..<min(start + SharedWindow.slotBytes, block.upperBound)
  }
}
