import Schedules

/// The last operation of a hierarchical sum through shared memory: each owner shows its chunk, and everyone copies all chunks.
final class HostGather: SegmentWork {
  private let vector: UnsafeMutableRawPointer
  private let memory: HostMemory
  private let chunks: HostChunks

  init(_ operation: CollectiveOperation, memory: HostMemory, owners: Int) {
    vector = operation.buffers[0]
    self.memory = memory
    chunks = HostChunks(bytes: operation.count * 4, owners: owners)
  }

  var segments: Int { chunks.segments }
  var sharesResults: Bool { true }

  func stage(_ segment: Segment) {}

  func sum(_ segment: Segment) {
    guard memory.rank < chunks.owners else { return }
    let range = chunks.range(segment, of: memory.rank)
    memory.own.result(segment.slot).copyMemory(from: vector + range.lowerBound, byteCount: range.count)
  }

  func copy(_ segment: Segment) {
    for owner in 0..<chunks.owners where owner != memory.rank {
      let range = chunks.range(segment, of: owner)
      (vector + range.lowerBound).copyMemory(
        from: memory.windows[owner].result(segment.slot), byteCount: range.count)
    }
  }
}
