import Schedules

/// The schedules of one rank: made by its planner once, and kept, because training repeats a few operations.
struct KnownSchedules {
  /// What a schedule depends on.
  private struct Key: Hashable {
    let kind: CollectiveOperation.Kind
    let count: Int
    let root: Int
    let lengths: [Int]
    let shares: [Range<Int>]

    init(_ operation: CollectiveOperation) {
      kind = operation.kind
      count = operation.count
      root = operation.root
      lengths = operation.lengths
      shares = operation.shares
    }
  }

  /// How many are kept.
  private static let limit = 64

  private let planner: Planner
  private var schedules: [Key: Schedule] = [:]
  /// Of an operation that does not go over links.
  let empty: Schedule

  init(_ planner: Planner) {
    self.planner = planner
    empty = Schedule(size: planner.size)
  }

  mutating func schedule(for operation: CollectiveOperation) -> Schedule {
    let key = Key(operation)
    if let known = schedules[key] { return known }
    let schedule = planner.schedule(for: operation)
    if schedules.count >= Self.limit { schedules.removeAll() }
    schedules[key] = schedule
    return schedule
  }
}
