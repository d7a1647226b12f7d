import Schedules

/// How the chunks of a vector are cut into segments that lie in shared memory at once.
struct HostChunks {
  let bytes: Int
  let owners: Int
  /// Bytes of one chunk in a segment, at most.
  let segmentBytes: Int
  let segments: Int

  init(bytes: Int, owners: Int) {
    self.bytes = bytes
    self.owners = owners
    segmentBytes = SharedWindow.slotBytes / owners / 64 * 64
    precondition(segmentBytes > 0, "\(owners) parts do not fit in \(SharedWindow.slotBytes) bytes")
    let longest = (0..<owners).map { Cutting.chunk($0, of: owners, bytes: bytes).count }.max() ?? 0
    segments = max(1, (longest + segmentBytes - 1) / segmentBytes)
  }

  /// What a segment holds of an owner's chunk, in bytes of the vector.
  func range(_ segment: Segment, of owner: Int) -> Range<Int> {
    let chunk = Cutting.chunk(owner, of: owners, bytes: bytes)
    let start = min(chunk.lowerBound + segment.number * segmentBytes, chunk.upperBound)
    return start..<min(start + segmentBytes, chunk.upperBound)
  }
}
