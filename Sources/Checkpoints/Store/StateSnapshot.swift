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
  /// Elements that are still to be brought by `put`.
  private(set) var missing = 0
  private var buffer = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)

  public init() {}

  deinit { buffer.deallocate() }

  /// Copies the given share of each group of arenas, in place of what was copied before; of arenas of which this rank holds a
  /// part, that part.
  public func take(_ groups: [(arenas: [StateArena], share: Share)]) {
    let wanted = groups.flatMap { arenas, share in arenas.map { ($0, share) } }
    let counts = wanted.map { $0.layout.share(of: $1.rank, of: $1.ranks).count }
    reserve(counts.reduce(0, +))
    parts = []
    missing = 0
    var offset = 0
    for ((arena, share), count) in zip(wanted, counts) {
      let part = Part(kind: arena.kind, layout: arena.layout, share: share, offset: offset)
      parts.append(part)
      missing += count
      offset += count
      let end = copy(arena.range, arena.values, to: part)
      precondition(offset == end, "\(arena.kind): a share has holes")
    }
  }

  /// Copies elements that another rank holds.
  /// - Parameter elements: of the arena of this kind; `values` are they, whatever lies in the gaps between tensors.
  public func put(_ kind: String, _ elements: Range<Int>, _ values: UnsafeBufferPointer<Float>) {
    precondition(values.count == elements.count, "\(kind): \(values.count) values for \(elements)")
    guard let part = parts.first(where: { $0.kind == kind }) else { preconditionFailure("no \(kind) in the snapshot") }
    _ = copy(elements, values, to: part)
  }

  /// Copies those of an arena's elements that belong to a part.
  /// - Returns: where the part ends.
  private func copy(_ elements: Range<Int>, _ values: UnsafeBufferPointer<Float>, to part: Part) -> Int {
    var offset = part.offset
    for piece in part.layout.pieces(in: part.layout.share(of: part.share.rank, of: part.share.ranks)) {
      let brought = piece.arena.clamped(to: elements)
      if !brought.isEmpty, let source = values.baseAddress, let target = buffer.baseAddress {
        (target + offset + brought.lowerBound - piece.arena.lowerBound).update(
          from: source + brought.lowerBound - elements.lowerBound, count: brought.count)
        missing -= brought.count
      }
      offset += piece.arena.count
    }
    return offset
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
