import Schedules

/// How the parts of a vector are cut into pieces that lie in shared memory at once.
struct HostParts {
  let bytes: Int
  let owners: Int
  /// Bytes of one part in a piece, at most.
  let pieceBytes: Int
  let pieces: Int

  init(bytes: Int, owners: Int) {
    self.bytes = bytes
    self.owners = owners
    pieceBytes = SharedSegment.slotBytes / owners / 64 * 64
    precondition(pieceBytes > 0, "\(owners) parts do not fit in \(SharedSegment.slotBytes) bytes")
    let longest = (0..<owners).map { Cutting.chunk($0, of: owners, bytes: bytes).count }.max() ?? 0
    pieces = max(1, (longest + pieceBytes - 1) / pieceBytes)
  }

  /// What a piece holds of an owner's part, in bytes of the vector.
  func range(_ piece: Piece, of owner: Int) -> Range<Int> {
    let part = Cutting.chunk(owner, of: owners, bytes: bytes)
    let start = min(part.lowerBound + piece.number * pieceBytes, part.upperBound)
    return start..<min(start + pieceBytes, part.upperBound)
  }
}
