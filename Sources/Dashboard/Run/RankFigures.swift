import Support

/// How the ranks spent their time, summed from the lines of `metrics.jsonl` that say so, and what memory they took.
struct RankFigures {
  /// Seconds and bytes in rank order.
  struct Shares {
    /// Steps that were looked at.
    var steps = 0
    /// By the names in `kinds`, seconds of each rank.
    var seconds: [[Double]]

    init(ranks: Int) { seconds = RankFigures.kinds.map { _ in [Double](repeating: 0, count: ranks) } }
  }

  /// A stretch of the run that one line tells of.
  struct Window {
    /// Its last step.
    var step: Int
    var shares: Shares

    /// Of the rank that took longest; ranks of one run take equally long.
    var length: Double {
      guard let ranks = shares.seconds.first?.count else { return 0 }
      return (0..<ranks).map { rank in shares.seconds.reduce(0) { $0 + $1[rank] } }.max() ?? 0
    }
  }

  /// What a rank spends its time with, as `metrics.jsonl` names it.
  static let kinds = ["data", "compute", "communication", "waiting"]
  /// More ranks than that are not believed.
  private static let mostRanks = 4096
  /// Ranks that have their own curve.
  static let mostCurves = 16
  /// The latest windows that are kept: a minute of them, and no more than a screen can show.
  private static let windowTime = 60.0
  private static let mostWindows = 48
  /// Ranks that windows are kept of.
  static let mostTracks = 32

  private(set) var count = 0
  /// Since the line before.
  private(set) var latest = Shares(ranks: 0)
  /// The latest minute, oldest first.
  private(set) var windows: [Window] = []
  /// Lines so far, by which a reader knows that there is a new one.
  private(set) var lines = 0
  /// Since the run began with as many ranks.
  private(set) var whole = Shares(ranks: 0)
  /// The most memory that each rank ever held, in bytes; empty where the run does not say.
  private(set) var memory: [Double] = []
  /// Own work (data and compute) in seconds a step, by rank.
  private(set) var busy: [Curve] = []

  /// Takes a line's `ranks`.
  mutating func add(_ line: JSONValue, step: Int) {
    guard let steps = line["steps"]?.integer, steps > 0 else { return }
    let columns = Self.kinds.map { numbers(line[$0]) }
    let ranks = columns[0].count
    guard 1...Self.mostRanks ~= ranks, columns.allSatisfy({ $0.count == ranks }) else { return }
    if ranks != count {
      (count, whole) = (ranks, Shares(ranks: ranks))
      windows = []
      busy = (0..<min(ranks, Self.mostCurves)).map { _ in Curve() }
    }
    latest = Shares(ranks: ranks)
    latest.steps = steps
    latest.seconds = columns
    addWindow(Window(step: step, shares: latest))
    whole.steps += min(steps, Curve.lastStep)
    for (kind, column) in columns.enumerated() {
      for (rank, seconds) in column.enumerated() { whole.seconds[kind][rank] += seconds }
    }
    for rank in busy.indices { busy[rank].add((columns[0][rank] + columns[1][rank]) / Double(steps), step: step) }
    let memory = numbers(line["memory"])
    self.memory = memory.count == ranks ? memory : []
  }

  private mutating func addWindow(_ window: Window) {
    lines += 1
    windows.append(window)
    var time = 0.0
    let kept = windows.reversed().prefix { earlier in
      defer { time += earlier.length }
      return time < Self.windowTime
    }
    windows.removeFirst(windows.count - min(Self.mostWindows, kept.count))
  }

  private func numbers(_ value: JSONValue?) -> [Double] {
    (value?.elements ?? []).prefix(Self.mostRanks + 1).map { max(0, $0.number ?? 0) }
  }
}
