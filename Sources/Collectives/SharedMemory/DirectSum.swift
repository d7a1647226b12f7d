import Schedules

/// A sum over the ranks of one host in vectors that all of them reach.
///
/// Each rank adds up its chunk of every segment and writes it to everyone's vector, so nothing is staged: memory is read once and
/// written once. The order of additions is `SummationOrder`'s, so the bits are those of the links.
final class DirectSum: SegmentWork {
  /// Ranks stay within a few of these of each other.
  private static let segmentBytes = 4 << 20
  /// Added at once: sums on the way stay in the nearest cache.
  private static let blockBytes = 16 << 10

  private let place: UInt64
  private let memory: HostMemory
  private let order: SummationOrder
  private let bytes: Int
  private let adder = PartSum(scratchBytes: blockBytes)
  /// Everyone's, as reported with the current segment.
  private var vectors: [UnsafeMutableRawPointer]

  let segments: Int

  /// - Parameter place: where this rank's vector lies.
  init(_ operation: CollectiveOperation, at place: UInt64, memory: HostMemory, order: SummationOrder) {
    self.place = place
    self.memory = memory
    self.order = order
    bytes = operation.count * 4
    vectors = Array(repeating: operation.buffers[0], count: memory.windows.count)
    segments = max(1, (bytes + Self.segmentBytes - 1) / Self.segmentBytes)
  }

  var sharesResults: Bool { true }

  func stage(_ segment: Segment) { memory.own.vectorPlace(segment.slot).pointee = place }

  func accepts(_ segment: Segment, of rank: Int) -> Bool {
    let window = memory.windows[rank]
    guard let vector = window.vector(at: window.vectorPlace(segment.slot).pointee, bytes) else { return false }
    vectors[rank] = vector
    return true
  }

  func sum(_ segment: Segment) {
    let start = segment.number * Self.segmentBytes
    let cut = Cutting.chunk(memory.rank, of: vectors.count, bytes: min(Self.segmentBytes, bytes - start))
    order.forEachChunk(of: start + cut.lowerBound..<start + cut.upperBound) { chunk, additions in
      for block in Cutting.segments(chunk, of: Self.blockBytes) { add(additions, block) }
    }
  }

  private func add(_ additions: [SummationTree.Addition], _ block: Range<Int>) {
    let own = vectors[memory.rank]
    let first = memory.rank == 0 ? 1 : 0
    adder.add(additions, block, of: vectors, to: own, and: vectors[first])
    for rank in first + 1..<vectors.count where rank != memory.rank {
      (vectors[rank] + block.lowerBound).copyMemory(from: own + block.lowerBound, byteCount: block.count)
    }
  }
}
