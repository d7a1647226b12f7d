/// The first operation of a hierarchical sum through shared memory: each owner adds up its part over the ranks of the host.
///
/// A piece is as much of every part as fits in a slot. Every rank stages what the other owners need of it; when all have, an
/// owner adds everyone's term, in rank order.
final class HostScatter: SharedOperation {
  private let vector: UnsafeMutableRawPointer
  private let tag: SharedSegment.Tag
  private let memory: HostMemory
  private let parts: HostParts
  private let base: UInt64
  private var (staged, summed): (UInt64, UInt64) = (0, 0)
  private var scratch: UnsafeMutableRawPointer?
  private(set) var dissenter: Int?

  init(_ operation: Operation, tag: SharedSegment.Tag, memory: HostMemory, owners: Int) {
    vector = operation.buffers[0]
    self.tag = tag
    self.memory = memory
    parts = HostParts(bytes: operation.count * 4, owners: owners)
    base = memory.pieces
    memory.pieces += parts.pieces
  }

  deinit { scratch?.deallocate() }

  var isComplete: Bool { summed == parts.pieces }
  var fraction: Double { Double(summed) / Double(parts.pieces) }

  func expects(from peer: Int) -> Bool {
    guard let place = memory.ranks.firstIndex(of: peer), place != memory.rank else { return false }
    return memory.count(.staged, of: place) < base + parts.pieces
  }

  func advance() -> Bool {
    guard dissenter == nil else { return false }
    if summed < staged, memory.others(.staged, reach: base + summed + 1) {
      dissenter = memory.segments.indices.first { memory.segments[$0].tag(base + summed).pointee != tag }
        .map { memory.ranks[$0] }
      guard dissenter == nil else { return true }
      if memory.rank < parts.owners { add(summed) }
      summed += 1
      memory.publish(.summed, base + summed)
      memory.publish(.copied, base + summed)
    } else if staged < parts.pieces, memory.isFree(base + staged, after: .summed) {
      stage(staged)
      staged += 1
      memory.publish(.staged, base + staged)
    } else {
      return false
    }
    return true
  }

  private func stage(_ piece: UInt64) {
    let segment = memory.segments[memory.rank]
    segment.tag(base + piece).pointee = tag
    for owner in 0..<parts.owners where owner != memory.rank {
      let range = parts.range(piece, of: owner)
      (segment.stage(base + piece) + owner * parts.pieceBytes).copyMemory(
        from: vector + range.lowerBound, byteCount: range.count)
    }
  }

  private func add(_ piece: UInt64) {
    let range = parts.range(piece, of: memory.rank)
    let own = vector + range.lowerBound
    let terms = memory.segments.enumerated().map { place, segment in
      place == memory.rank ? own : segment.stage(base + piece) + memory.rank * parts.pieceBytes
    }
    let room = scratch ?? .allocate(byteCount: parts.pieceBytes, alignment: 64)
    scratch = room
    var sum = terms[0]
    for (place, term) in terms.enumerated().dropFirst() {
      // This rank's own term is still wanted where it lies until its turn has come.
      let target = place < memory.rank ? room : own
      System.add(
        target.assumingMemoryBound(to: Float.self), sum.assumingMemoryBound(to: Float.self),
        term.assumingMemoryBound(to: Float.self), count: range.count / 4)
      sum = target
    }
  }
}

/// How the parts of a vector are cut into pieces that lie in shared memory at once.
struct HostParts {
  let bytes: Int
  let owners: Int
  /// Bytes of one part in a piece, at most.
  let pieceBytes: Int
  let pieces: UInt64

  init(bytes: Int, owners: Int) {
    self.bytes = bytes
    self.owners = owners
    pieceBytes = SharedSegment.slotBytes / owners / 64 * 64
    precondition(pieceBytes > 0, "\(owners) parts do not fit in \(SharedSegment.slotBytes) bytes")
    let longest = (0..<owners).map { Cutting.chunk($0, of: owners, bytes: bytes).count }.max() ?? 0
    pieces = UInt64(max(1, (longest + pieceBytes - 1) / pieceBytes))
  }

  /// What a piece holds of an owner's part, in bytes of the vector.
  func range(_ piece: UInt64, of owner: Int) -> Range<Int> {
    let part = Cutting.chunk(owner, of: owners, bytes: bytes)
    let start = min(part.lowerBound + Int(piece) * pieceBytes, part.upperBound)
    return start..<min(start + pieceBytes, part.upperBound)
  }
}
