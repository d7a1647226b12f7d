import Schedules
import Transport

/// The first operation of a hierarchical sum through shared memory: each owner adds up its part over the ranks of the host.
///
/// A piece is as much of every part as fits in a slot. Every rank stages what the other owners need of it; when all have, an
/// owner adds everyone's term, in rank order.
final class HostScatter: PieceWork {
  private let vector: UnsafeMutableRawPointer
  private let memory: HostMemory
  private let parts: HostParts
  private let scratch: UnsafeMutableRawPointer

  init(_ operation: CollectiveOperation, memory: HostMemory, owners: Int) {
    vector = operation.buffers[0]
    self.memory = memory
    parts = HostParts(bytes: operation.count * 4, owners: owners)
    scratch = .allocate(byteCount: parts.pieceBytes, alignment: 64)
  }

  deinit { scratch.deallocate() }

  var pieces: Int { parts.pieces }
  var sharesResults: Bool { false }

  func stage(_ piece: Piece) {
    let room = memory.own.stage(piece.slot)
    for owner in 0..<parts.owners where owner != memory.rank {
      let range = parts.range(piece, of: owner)
      (room + owner * parts.pieceBytes).copyMemory(from: vector + range.lowerBound, byteCount: range.count)
    }
  }

  func sum(_ piece: Piece) {
    guard memory.rank < parts.owners else { return }
    let range = parts.range(piece, of: memory.rank)
    let own = vector + range.lowerBound
    let terms = memory.segments.enumerated().map { place, segment in
      place == memory.rank ? own : segment.stage(piece.slot) + memory.rank * parts.pieceBytes
    }
    var sum = terms[0]
    for (place, term) in terms.enumerated().dropFirst() {
      // This rank's own term is still wanted where it lies until its turn has come.
      let target = place < memory.rank ? scratch : own
      System.add(
        target.assumingMemoryBound(to: Float.self), sum.assumingMemoryBound(to: Float.self),
        term.assumingMemoryBound(to: Float.self), count: range.count / 4)
      sum = target
    }
  }
}
