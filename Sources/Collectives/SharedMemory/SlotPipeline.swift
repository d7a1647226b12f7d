import Diagnostics
import Schedules

/// A vector's way through the memory that the ranks of a host share, piece by piece, as a state machine that never waits.
///
///     stage   own memory → own stage slot      once everyone has summed the slot's last piece
///     sum     all stages → own result slot     once everyone has staged, and copied the slot's last result
///     copy    others' results → own memory     once everyone has summed; at once, where nobody shares results
///
/// Several pieces are under way at once, each in a slot of its own, so that a rank which comes late finds work. What is done in
/// a step is the operation's own matter; a step in which it has nothing to do stays empty.
final class SlotPipeline {
  private let work: any PieceWork
  private let tag: SharedSegment.Tag
  private let memory: HostMemory
  private let pieces: UInt64
  /// Pieces of all operations before this one.
  private let base: UInt64
  private var (staged, summed, copied): (UInt64, UInt64, UInt64) = (0, 0, 0)

  /// What a rank of the group has told that cannot be summed with.
  private(set) var objection: Objection?

  struct Objection {
    let rank: Int
    let cause: Verdict.Cause
    let detail: String
  }

  init(_ work: any PieceWork, tag: SharedSegment.Tag, memory: HostMemory) {
    self.work = work
    self.tag = tag
    self.memory = memory
    pieces = UInt64(work.pieces)
    base = memory.pieces
    memory.pieces += pieces
  }

  var isComplete: Bool { copied == pieces }

  /// The part that is done, from 0 to 1; below a half until the first sum.
  var fraction: Double { Double(summed + copied) / Double(2 * pieces) }

  /// Whether a rank of the group is still to bring something that this one waits for.
  func expects(from peer: Int) -> Bool {
    guard let place = memory.ranks.firstIndex(of: peer), place != memory.rank else { return false }
    return memory.count(summed < pieces ? .staged : .summed, of: place) < base + pieces
  }

  /// Does the next thing that can be done at once; returns whether there was one.
  func advance() -> Bool {
    guard objection == nil else { return false }
    if copied < summed, memory.others(.summed, reach: base + copied + 1) {
      work.copy(piece(copied))
      finishCopy()
    } else if summed < staged, memory.others(.staged, reach: base + summed + 1),
      memory.isFree(base + summed, after: .copied)
    {
      let piece = piece(summed)
      for rank in memory.segments.indices where objection == nil { objection = objection(to: rank, piece) }
      guard objection == nil else { return true }
      work.sum(piece)
      summed += 1
      memory.publish(.summed, base + summed)
      if !work.sharesResults { finishCopy() }
    } else if staged < pieces, memory.isFree(base + staged, after: .summed) {
      let piece = piece(staged)
      memory.own.tag(piece.slot).pointee = tag
      work.stage(piece)
      staged += 1
      memory.publish(.staged, base + staged)
    } else {
      return false
    }
    return true
  }

  private func objection(to rank: Int, _ piece: Piece) -> Objection? {
    if memory.segments[rank].tag(piece.slot).pointee != tag {
      let detail = "it calls operation \(tag.sequence) something else"
      return Objection(rank: memory.ranks[rank], cause: .disagreed, detail: detail)
    }
    if work.accepts(piece, of: rank) { return nil }
    let detail = "the place that it tells for its vector is none in its shared memory"
    return Objection(rank: memory.ranks[rank], cause: .corrupted, detail: detail)
  }

  private func finishCopy() {
    copied += 1
    memory.publish(.copied, base + copied)
  }

  private func piece(_ number: UInt64) -> Piece {
    Piece(number: Int(number), slot: SharedSegment.slot(of: base + number))
  }
}

/// One piece of a vector, and the slot of every rank's segment that it passes through.
struct Piece {
  let number: Int
  let slot: Int
}

/// What an operation does with each piece of its vector.
protocol PieceWork: AnyObject {
  /// At least one, as many on every rank.
  var pieces: Int { get }

  /// Whether ranks copy what the others have summed; otherwise a piece is over with its sum.
  var sharesResults: Bool { get }

  /// Puts what others need of the piece into this rank's stage slot.
  func stage(_ piece: Piece)

  /// Whether what a rank of the host has told with the piece makes sense; asked about every rank before the sum.
  func accepts(_ piece: Piece, of rank: Int) -> Bool

  /// Adds up this rank's part of the piece, from everyone's stage slots.
  func sum(_ piece: Piece)

  /// Takes the other parts from the others' result slots.
  func copy(_ piece: Piece)
}

extension PieceWork {
  func copy(_ piece: Piece) {}

  func accepts(_ piece: Piece, of rank: Int) -> Bool { true }
}

extension HostMemory {
  /// What the operation does in this memory; nil where it goes over links. Notes whether it works where its vectors lie.
  /// - Parameters:
  ///   - size: how many ranks the group has.
  ///   - owners: how many ranks of a host take a part to the others.
  func work(
    for operation: inout CollectiveOperation, size: Int, owners: Int, exchangeLimit: Int
  ) -> (any PieceWork)? {
    switch operation.kind {
    case .sum, .orderedSum:
      guard ranks.count == size else { return nil }
      if let lastWhole, lastWhole.takes(operation) { return lastWhole }
      let order = SummationOrder(operation, size: size, exchangeLimit: exchangeLimit)
      if order.hasOnePartEach, !order.isExchange,
        let place = own.place(of: operation.buffers[0], operation.count * 4)
      {
        operation.isInPlace = true
        return DirectSum(operation, at: place, memory: self, order: order)
      }
      let sum = SharedSum(operation, memory: self, order: order)
      if sum.isWhole { lastWhole = sum }
      return sum
    case .hostScatter: return HostScatter(operation, memory: self, owners: owners)
    case .hostGather: return HostGather(operation, memory: self, owners: owners)
    case .gather:
      // What fits in a message is sooner there over links.
      return ranks.count == size && operation.count > exchangeLimit ? SharedGather(operation, memory: self) : nil
    case .broadcast, .barrier, .allToAll, .peerSum: return nil
    }
  }
}
