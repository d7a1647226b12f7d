import Glibc

/// A sum over the ranks of one host through memory that they share, as a state machine that never waits.
///
/// The vector is cut into pieces, and each piece into one slice a rank. Of each piece a rank stages what the others' slices
/// need, adds everyone's part of its own slice, and copies the other slices' sums:
///
///     stage   own memory → own stage slot          once everyone has summed the slot's last piece
///     sum     all stages → own memory and result   once everyone has staged, and copied the slot's last result
///     copy    others' results → own memory         once everyone has summed
///
/// A piece fits in the cache and several are under way, so the arena is read once and written once. The order of additions is
/// `SummationOrder`'s, so the bits are those of the links.
final class SharedSum: SharedOperation {
  private let operation: Operation
  private let tag: SharedSegment.Tag
  private let memory: HostMemory
  private let order: SummationOrder
  private let size: Int
  private let bytes: Int
  private let pieceBytes: Int
  private let pieces: UInt64
  /// Pieces before this sum.
  private let base: UInt64
  private var (staged, summed, copied): (UInt64, UInt64, UInt64) = (0, 0, 0)
  private var scratch: [Int: UnsafeMutableRawPointer] = [:]

  private(set) var dissenter: Int?

  init(_ operation: Operation, tag: SharedSegment.Tag, memory: HostMemory, exchangeLimit: Int) {
    self.operation = operation
    self.tag = tag
    self.memory = memory
    size = memory.segments.count
    order = SummationOrder(operation, size: size, exchangeLimit: exchangeLimit)
    bytes = operation.count * 4
    pieceBytes = SharedSegment.slotBytes / order.most / 64 * 64
    precondition(pieceBytes > 0, "\(order.most) subtrees of one rank do not fit in \(SharedSegment.slotBytes) bytes")
    pieces = UInt64(max(1, (bytes + pieceBytes - 1) / pieceBytes))
    base = memory.pieces
    memory.pieces += pieces
  }

  deinit { scratch.values.forEach { $0.deallocate() } }

  var isComplete: Bool { copied == pieces }

  // Below a half until the first sum.
  var fraction: Double { Double(summed + copied) / Double(2 * pieces) }

  func expects(from peer: Int) -> Bool {
    peer != memory.rank && memory.count(summed < pieces ? .staged : .summed, of: peer) < base + pieces
  }

  func advance() -> Bool {
    guard dissenter == nil else { return false }
    if copied < summed, memory.others(.summed, reach: base + copied + 1) {
      copy(copied)
      copied += 1
      memory.publish(.copied, base + copied)
    } else if summed < staged, memory.others(.staged, reach: base + summed + 1),
      memory.isFree(base + summed, after: .copied)
    {
      dissenter = memory.segments.indices.first { memory.segments[$0].tag(base + summed).pointee != tag }
      guard dissenter == nil else { return true }
      sum(summed)
      summed += 1
      memory.publish(.summed, base + summed)
    } else if staged < pieces, memory.isFree(base + staged, after: .summed) {
      stage(staged)
      staged += 1
      memory.publish(.staged, base + staged)
    } else {
      return false
    }
    return true
  }

  // MARK: Where a piece lies

  private func range(_ piece: UInt64) -> Range<Int> {
    let start = Int(piece) * pieceBytes
    return min(start, bytes)..<min(start + pieceBytes, bytes)
  }

  /// The slice of a piece that a rank adds up.
  private func slice(_ rank: Int, of piece: Range<Int>) -> Range<Int> {
    let cut = Cutting.chunk(rank, of: size, bytes: piece.count)
    return piece.lowerBound + cut.lowerBound..<piece.lowerBound + cut.upperBound
  }

  // MARK: The three things to do

  private func stage(_ number: UInt64) {
    let piece = range(number)
    let own = slice(memory.rank, of: piece)
    let segment = memory.segments[memory.rank]
    segment.tag(base + number).pointee = tag
    for part in order.parts where part.rank == memory.rank {
      let room = segment.stage(base + number) + part.buffer * pieceBytes - piece.lowerBound
      for needed in [piece.lowerBound..<own.lowerBound, own.upperBound..<piece.upperBound] where !needed.isEmpty {
        (room + needed.lowerBound).copyMemory(
          from: operation.buffers[part.buffer] + needed.lowerBound, byteCount: needed.count)
      }
    }
  }

  private func sum(_ number: UInt64) {
    let piece = range(number)
    let own = slice(memory.rank, of: piece)
    let result = memory.segments[memory.rank].result(base + number) - own.lowerBound
    order.forEachStretch(of: own) { stretch, additions in
      guard let last = additions.last else {
        // One part alone, or none: nothing to add.
        let source = order.parts.isEmpty ? operation.buffers[0] : place(of: 0, number, piece)
        (result + stretch.lowerBound).copyMemory(from: source + stretch.lowerBound, byteCount: stretch.count)
        (operation.buffers[0] + stretch.lowerBound).copyMemory(
          from: result + stretch.lowerBound, byteCount: stretch.count)
        return
      }
      // Sums of several parts so far, by the part that is leftmost.
      var partial: [Int: UnsafeMutableRawPointer] = [:]
      for addition in additions.dropLast() {
        let room = scratch(addition.left) - own.lowerBound
        Self.add(
          room, partial[addition.left] ?? place(of: addition.left, number, piece),
          partial[addition.right] ?? place(of: addition.right, number, piece), stretch)
        partial[addition.left] = room
      }
      let left = partial[last.left] ?? place(of: last.left, number, piece)
      let right = partial[last.right] ?? place(of: last.right, number, piece)
      System.addTwice(
        Self.floats(operation.buffers[0] + stretch.lowerBound), Self.floats(result + stretch.lowerBound),
        Self.floats(left + stretch.lowerBound), Self.floats(right + stretch.lowerBound), count: stretch.count / 4)
    }
  }

  /// Where a part of a piece lies, as if it began with the whole vector.
  private func place(of part: Int, _ number: UInt64, _ piece: Range<Int>) -> UnsafeMutableRawPointer {
    let part = order.parts[part]
    guard part.rank != memory.rank else { return operation.buffers[part.buffer] }
    return memory.segments[part.rank].stage(base + number) + part.buffer * pieceBytes - piece.lowerBound
  }

  private func copy(_ number: UInt64) {
    let piece = range(number)
    for (peer, segment) in memory.segments.enumerated() where peer != memory.rank {
      let slice = slice(peer, of: piece)
      (operation.buffers[0] + slice.lowerBound).copyMemory(
        from: segment.result(base + number), byteCount: slice.count)
    }
  }

  // MARK: Arithmetic

  /// Memory for the sum of a part and others while more are added to it.
  private func scratch(_ part: Int) -> UnsafeMutableRawPointer {
    if let known = scratch[part] { return known }
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: pieceBytes, alignment: 64)
    scratch[part] = fresh
    return fresh
  }

  private static func add(
    _ sum: UnsafeMutableRawPointer, _ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer,
    _ stretch: Range<Int>
  ) {
    let start = stretch.lowerBound
    System.add(floats(sum + start), floats(left + start), floats(right + start), count: stretch.count / 4)
  }

  private static func floats(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Float> {
    pointer.assumingMemoryBound(to: Float.self)
  }
}
