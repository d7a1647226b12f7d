import Schedules
import Transport

/// The first operation of a hierarchical sum through shared memory: each owner adds up its chunk over the ranks of the host.
///
/// A segment is as much of every chunk as fits in a slot. Every rank stages what the other owners need of it; when all have, an
/// owner adds everyone's term, in rank order.
final class HostScatter: SegmentWork {
  private let vector: UnsafeMutableRawPointer
  private let memory: HostMemory
  private let chunks: HostChunks
  private let scratch: UnsafeMutableRawPointer

  init(_ operation: CollectiveOperation, memory: HostMemory, owners: Int) {
    vector = operation.buffers[0]
    self.memory = memory
    chunks = HostChunks(bytes: operation.count * 4, owners: owners)
    scratch = .allocate(byteCount: chunks.segmentBytes, alignment: 64)
  }

  deinit { scratch.deallocate() }

  var segments: Int { chunks.segments }
  var sharesResults: Bool { false }

  func stage(_ segment: Segment) {
    let room = memory.own.stage(segment.slot)
    for owner in 0..<chunks.owners where owner != memory.rank {
      let range = chunks.range(segment, of: owner)
      (room + owner * chunks.segmentBytes).copyMemory(from: vector + range.lowerBound, byteCount: range.count)
    }
  }

  func sum(_ segment: Segment) {
    guard memory.rank < chunks.owners else { return }
    let range = chunks.range(segment, of: memory.rank)
    let own = vector + range.lowerBound
    let terms = memory.windows.enumerated().map { place, window in
      place == memory.rank ? own : window.stage(segment.slot) + memory.rank * chunks.segmentBytes
    }
    var sum = terms[0]
    for (place, term) in terms.enumerated().dropFirst() {
      // This rank's own term is still needed where it lies until it is added.
      let target = place < memory.rank ? scratch : own
      System.add(
        target.assumingMemoryBound(to: Float.self), sum.assumingMemoryBound(to: Float.self),
        term.assumingMemoryBound(to: Float.self), count: range.count / 4)
      sum = target
    }
  }
}
