/// Which checkpoints are kept when a new one has been committed.
public struct RetentionPolicy: Equatable, Sendable {
  /// How many of the newest are kept; at least 1.
  public let last: Int
  /// Whether the one with the largest score is kept too; of equal scores the older wins.
  public let best: Bool

  public init(last: Int = 3, best: Bool = true) {
    precondition(last >= 1, "a policy that keeps \(last) checkpoints")
    self.last = last
    self.best = best
  }

  /// The steps to remove, oldest first.
  ///
  /// `resumedFrom`, the step this run began at, stays until a newer checkpoint exists: until then nothing proves
  /// that this run can write one.
  public func victims(of checkpoints: [(step: Int, score: Double?)], resumedFrom: Int? = nil) -> [Int] {
    let sorted = checkpoints.sorted { $0.step < $1.step }
    var kept = Set(sorted.suffix(last).map(\.step))
    if best, let top = sorted.compactMap(\.score).filter({ !$0.isNaN }).max() {
      kept.formUnion(sorted.first { $0.score == top }.map { [$0.step] } ?? [])
    }
    if let resumedFrom, let newest = sorted.last?.step, newest <= resumedFrom { kept.insert(resumedFrom) }
    return sorted.map(\.step).filter { !kept.contains($0) }
  }
}
