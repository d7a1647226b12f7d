import Schedules

/// A sum over the ranks of one host in vectors that all of them reach.
///
/// Each rank adds up its slice of every piece and writes it to everyone's vector, so nothing is staged: memory is read once and
/// written once. The order of additions is `SummationOrder`'s, so the bits are those of the links.
final class DirectSum: PieceWork {
  /// Ranks stay within a few of these of each other.
  private static let pieceBytes = 4 << 20
  /// Added at once: sums on the way stay in the nearest cache.
  private static let blockBytes = 16 << 10

  private let place: UInt64
  private let memory: HostMemory
  private let order: SummationOrder
  private let bytes: Int
  private let adder = PartSum(roomBytes: blockBytes)
  /// Everyone's, as they told it with the piece at hand.
  private var vectors: [UnsafeMutableRawPointer]

  let pieces: Int

  /// - Parameter place: where this rank's vector lies.
  init(_ operation: CollectiveOperation, at place: UInt64, memory: HostMemory, order: SummationOrder) {
    self.place = place
    self.memory = memory
    self.order = order
    bytes = operation.count * 4
    vectors = Array(repeating: operation.buffers[0], count: memory.segments.count)
    pieces = max(1, (bytes + Self.pieceBytes - 1) / Self.pieceBytes)
  }

  var sharesResults: Bool { true }

  func stage(_ piece: Piece) { memory.own.vectorPlace(piece.slot).pointee = place }

  func accepts(_ piece: Piece, of rank: Int) -> Bool {
    let segment = memory.segments[rank]
    guard let vector = segment.vector(at: segment.vectorPlace(piece.slot).pointee, bytes) else { return false }
    vectors[rank] = vector
    return true
  }

  func sum(_ piece: Piece) {
    let start = piece.number * Self.pieceBytes
    let cut = Cutting.chunk(memory.rank, of: vectors.count, bytes: min(Self.pieceBytes, bytes - start))
    order.forEachStretch(of: start + cut.lowerBound..<start + cut.upperBound) { stretch, additions in
      for block in Cutting.segments(stretch, of: Self.blockBytes) { add(additions, block) }
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
