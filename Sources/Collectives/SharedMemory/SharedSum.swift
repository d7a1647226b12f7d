import Schedules

/// A sum over the ranks of one host through memory that they share.
///
/// The vector is cut into segments, and each segment into one chunk a rank. Of each segment a rank stages what the others' chunks
/// need, adds everyone's part of its own chunk, and copies the other chunks' sums. A segment fits in the cache, so the arena is
/// read once and written once. A vector so short that links would exchange it whole is staged whole, and added up by everyone:
/// ranks then wait for each other once. The order of additions is `SummationOrder`'s, so the bits are those of the links.
final class SharedSum: SegmentWork {
  private var buffers: [UnsafeMutableRawPointer]
  private let memory: HostMemory
  private let order: SummationOrder
  private let bytes: Int
  private let segmentBytes: Int
  /// Whether everyone adds up all of it.
  let isWhole: Bool
  private let adder: PartSum
  /// Where the parts of the current segment lie, as if they began with the whole vector.
  private var places: [UnsafeMutableRawPointer]

  let segments: Int

  init(_ operation: CollectiveOperation, memory: HostMemory, order: SummationOrder) {
    buffers = operation.buffers
    self.memory = memory
    self.order = order
    bytes = operation.count * 4
    segmentBytes = SharedWindow.slotBytes / order.most / 64 * 64
    precondition(segmentBytes > 0, "\(order.most) subtrees of one rank do not fit in \(SharedWindow.slotBytes) bytes")
    isWhole = order.isExchange && bytes <= segmentBytes
    segments = max(1, (bytes + segmentBytes - 1) / segmentBytes)
    adder = PartSum(scratchBytes: segmentBytes)
    places = Array(repeating: buffers[0], count: order.parts.count)
  }

  /// Continues with an operation that differs in nothing but its memory, where this is a sum that is staged whole; otherwise false.
  func takes(_ operation: CollectiveOperation) -> Bool {
    guard isWhole, operation.kind == .sum, operation.count * 4 == bytes else { return false }
    buffers = operation.buffers
    return true
  }

  var sharesResults: Bool { !isWhole }

  // MARK: Where a segment lies

  /// Its bytes of the vector.
  private func range(_ segment: Segment) -> Range<Int> {
    let start = segment.number * segmentBytes
    return min(start, bytes)..<min(start + segmentBytes, bytes)
  }

  /// The chunk of a range that a rank adds up.
  private func chunk(_ rank: Int, of range: Range<Int>) -> Range<Int> {
    if isWhole { return range }
    let cut = Cutting.chunk(rank, of: memory.windows.count, bytes: range.count)
    return range.lowerBound + cut.lowerBound..<range.lowerBound + cut.upperBound
  }

  // MARK: The three things to do

  func stage(_ segment: Segment) {
    let range = range(segment)
    let own = isWhole ? range.lowerBound..<range.lowerBound : chunk(memory.rank, of: range)
    let room = memory.own.stage(segment.slot) - range.lowerBound
    for part in order.parts where part.rank == memory.rank {
      for needed in [range.lowerBound..<own.lowerBound, own.upperBound..<range.upperBound] where !needed.isEmpty {
        (room + part.buffer * segmentBytes + needed.lowerBound).copyMemory(
          from: buffers[part.buffer] + needed.lowerBound, byteCount: needed.count)
      }
    }
  }

  func sum(_ segment: Segment) {
    let range = range(segment)
    let own = chunk(memory.rank, of: range)
    let result = memory.own.result(segment.slot) - own.lowerBound
    for index in places.indices { places[index] = place(of: order.parts[index], segment, range) }
    order.forEachChunk(of: own) { chunk, additions in
      if additions.isEmpty {
        // One part alone, or none: nothing to add.
        let source = places.first ?? buffers[0]
        (result + chunk.lowerBound).copyMemory(from: source + chunk.lowerBound, byteCount: chunk.count)
        (buffers[0] + chunk.lowerBound).copyMemory(from: result + chunk.lowerBound, byteCount: chunk.count)
      } else {
        adder.add(additions, chunk, of: places, to: buffers[0], and: isWhole ? nil : result)
      }
    }
  }

  private func place(of part: SummationOrder.Part, _ segment: Segment, _ range: Range<Int>) -> UnsafeMutableRawPointer {
    if part.rank == memory.rank { return buffers[part.buffer] }
    return memory.windows[part.rank].stage(segment.slot) + part.buffer * segmentBytes - range.lowerBound
  }

  func copy(_ segment: Segment) {
    let range = range(segment)
    for (peer, window) in memory.windows.enumerated() where peer != memory.rank {
      let chunk = chunk(peer, of: range)
      (buffers[0] + chunk.lowerBound).copyMemory(from: window.result(segment.slot), byteCount: chunk.count)
    }
  }
}
