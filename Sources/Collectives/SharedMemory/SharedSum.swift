import Schedules

/// A sum over the ranks of one host through memory that they share.
///
/// The vector is cut into pieces, and each piece into one slice a rank. Of each piece a rank stages what the others' slices
/// need, adds everyone's part of its own slice, and copies the other slices' sums. A piece fits in the cache, so the arena is
/// read once and written once. A vector so short that links would exchange it whole is staged whole, and added up by everyone:
/// ranks then wait for each other once. The order of additions is `SummationOrder`'s, so the bits are those of the links.
final class SharedSum: PieceWork {
  private var buffers: [UnsafeMutableRawPointer]
  private let memory: HostMemory
  private let order: SummationOrder
  private let bytes: Int
  private let pieceBytes: Int
  /// Whether everyone adds up all of it.
  let isWhole: Bool
  private let adder: PartSum
  /// Where the parts of the piece at hand lie, as if they began with the whole vector.
  private var places: [UnsafeMutableRawPointer]

  let pieces: Int

  init(_ operation: CollectiveOperation, memory: HostMemory, order: SummationOrder) {
    buffers = operation.buffers
    self.memory = memory
    self.order = order
    bytes = operation.count * 4
    pieceBytes = SharedSegment.slotBytes / order.most / 64 * 64
    precondition(pieceBytes > 0, "\(order.most) subtrees of one rank do not fit in \(SharedSegment.slotBytes) bytes")
    isWhole = order.isExchange && bytes <= pieceBytes
    pieces = max(1, (bytes + pieceBytes - 1) / pieceBytes)
    adder = PartSum(roomBytes: pieceBytes)
    places = Array(repeating: buffers[0], count: order.parts.count)
  }

  /// Goes on to an operation that differs in nothing but its memory, where this is a sum that is staged whole; otherwise false.
  func takes(_ operation: CollectiveOperation) -> Bool {
    guard isWhole, operation.kind == .sum, operation.count * 4 == bytes else { return false }
    buffers = operation.buffers
    return true
  }

  var sharesResults: Bool { !isWhole }

  // MARK: Where a piece lies

  /// Its bytes of the vector.
  private func range(_ piece: Piece) -> Range<Int> {
    let start = piece.number * pieceBytes
    return min(start, bytes)..<min(start + pieceBytes, bytes)
  }

  /// The slice of a range that a rank adds up.
  private func slice(_ rank: Int, of range: Range<Int>) -> Range<Int> {
    if isWhole { return range }
    let cut = Cutting.chunk(rank, of: memory.segments.count, bytes: range.count)
    return range.lowerBound + cut.lowerBound..<range.lowerBound + cut.upperBound
  }

  // MARK: The three things to do

  func stage(_ piece: Piece) {
    let range = range(piece)
    let own = isWhole ? range.lowerBound..<range.lowerBound : slice(memory.rank, of: range)
    let room = memory.own.stage(piece.slot) - range.lowerBound
    for part in order.parts where part.rank == memory.rank {
      for needed in [range.lowerBound..<own.lowerBound, own.upperBound..<range.upperBound] where !needed.isEmpty {
        (room + part.buffer * pieceBytes + needed.lowerBound).copyMemory(
          from: buffers[part.buffer] + needed.lowerBound, byteCount: needed.count)
      }
    }
  }

  func sum(_ piece: Piece) {
    let range = range(piece)
    let own = slice(memory.rank, of: range)
    let result = memory.own.result(piece.slot) - own.lowerBound
    for index in places.indices { places[index] = place(of: order.parts[index], piece, range) }
    order.forEachStretch(of: own) { stretch, additions in
      if additions.isEmpty {
        // One part alone, or none: nothing to add.
        let source = places.first ?? buffers[0]
        (result + stretch.lowerBound).copyMemory(from: source + stretch.lowerBound, byteCount: stretch.count)
        (buffers[0] + stretch.lowerBound).copyMemory(from: result + stretch.lowerBound, byteCount: stretch.count)
      } else {
        adder.add(additions, stretch, of: places, to: buffers[0], and: isWhole ? nil : result)
      }
    }
  }

  private func place(of part: SummationOrder.Part, _ piece: Piece, _ range: Range<Int>) -> UnsafeMutableRawPointer {
    if part.rank == memory.rank { return buffers[part.buffer] }
    return memory.segments[part.rank].stage(piece.slot) + part.buffer * pieceBytes - range.lowerBound
  }

  func copy(_ piece: Piece) {
    let range = range(piece)
    for (peer, segment) in memory.segments.enumerated() where peer != memory.rank {
      let slice = slice(peer, of: range)
      (buffers[0] + slice.lowerBound).copyMemory(from: segment.result(piece.slot), byteCount: slice.count)
    }
  }
}
