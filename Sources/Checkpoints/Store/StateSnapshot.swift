/// A copy of what one rank writes of a checkpoint, so that training may go on while it is written.
///
/// The memory is kept from one checkpoint to the next. Not to be taken anew before the writing of it has ended.
public final class StateSnapshot: @unchecked Sendable {
  // Sendable because `take` and `write` never run at the same time: the owner waits for the end of the writing.

  /// A share of one kind of state; its packed elements lie at `offset` of the buffer.
  struct Part {
    let kind: String
    let layout: StateLayout
    let share: Share
    let offset: Int
  }

  /// Which part of the arenas a rank writes.
  public struct Share: Equatable, Sendable {
    public let rank: Int
    public let ranks: Int

    public init(rank: Int, of ranks: Int) {
      self.rank = rank
      self.ranks = ranks
    }

    /// What one rank alone keeps, and writes wholly.
    public static let whole = Share(rank: 0, of: 1)
  }

  private(set) var parts: [Part] = []
  private var buffer = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)

  public init() {}

  deinit { buffer.deallocate() }

  /// Copies the given share of each group of arenas, in place of what was copied before.
  public func take(_ groups: [(arenas: [StateArena], share: Share)]) {
    let wanted = groups.flatMap { arenas, share in arenas.map { ($0, share) } }
    let counts = wanted.map { $0.layout.share(of: $1.rank, of: $1.ranks).count }
    reserve(counts.reduce(0, +))
    parts = []
    var offset = 0
    for ((arena, share), count) in zip(wanted, counts) {
      parts.append(Part(kind: arena.kind, layout: arena.layout, share: share, offset: offset))
      for piece in arena.layout.pieces(in: arena.layout.share(of: share.rank, of: share.ranks)) {
        let target = UnsafeMutableBufferPointer(rebasing: buffer[offset..<offset + piece.arena.count])
        _ = target.update(fromContentsOf: UnsafeBufferPointer(rebasing: arena.values[piece.arena]))
        offset += piece.arena.count
      }
      precondition(offset == parts[parts.count - 1].offset + count, "\(arena.kind): a share has holes")
    }
  }

  /// The elements of a part.
  func values(_ part: Part) -> UnsafeBufferPointer<Float> {
    let count = part.layout.share(of: part.share.rank, of: part.share.ranks).count
    return UnsafeBufferPointer(rebasing: buffer[part.offset..<part.offset + count])
  }

  private func reserve(_ count: Int) {
    guard buffer.count < count else { return }
    buffer.deallocate()
    buffer = .allocate(capacity: count)
    buffer.initialize(repeating: 0)
  }
}
