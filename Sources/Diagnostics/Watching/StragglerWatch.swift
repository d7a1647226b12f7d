import Transport

/// A rank that the others wait for, and why. Nothing is ended for it.
public struct Straggler: Sendable, Equatable {
  /// What it loses the time with.
  public enum Cause: String, Sendable {
    /// Its share of the batch is long in coming.
    case data
    /// It computes more slowly than the others, or has more to compute.
    case compute
    /// Its connection with the next rank takes bytes slowly.
    case network
    /// Its process, or its whole host, did not run.
    case stopped
  }

  public var rank: Int
  public var host: String
  public var cause: Cause
  /// Seconds that were lost, of the `window` seconds that were looked at.
  public var lost: Double
  public var window: Double

  package init(rank: Int, host: String, cause: Cause, lost: Double, window: Double) {
    self.rank = rank
    self.host = host
    self.cause = cause
    self.lost = lost
    self.window = window
  }
}

extension Straggler: CustomStringConvertible {
  public var description: String {
    func words(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10) s" }
    let who = "rank \(rank) on \(host)"
    return switch cause {
    case .stopped: "\(who) did not run for \(words(lost)), and the others waited; look at its host"
    case .data:
      "\(who) holds the others up: of \(words(window)) it spent \(words(lost)) more than they did on its data; look at its disk"
    case .compute:
      "\(who) holds the others up: of \(words(window)) it spent \(words(lost)) more than they did computing; look what else its host does"
    case .network:
      "the connection from \(who) to the next rank holds all up: for \(words(lost)) of \(words(window)) it took no bytes"
    }
  }
}

/// Compares the times of all ranks, window by window, on rank 0.
package struct StragglerWatch {
  private let hosts: [String]
  private let window: Nanoseconds
  private var begun: Nanoseconds
  private var reference: [RankTimes]
  private var stopped: [UInt64]
  /// What was said last, and how many windows ago.
  private var said: (rank: Int, cause: Straggler.Cause, windows: Int)?

  /// Windows for which the same is not said again.
  private static let silence = 30
  /// Part of a window by which a rank must be behind to be worth a word.
  private static let share = 0.1
  /// Part of a window for which a link must have been full.
  private static let blockedShare = 0.25
  /// The shortest stop that is reported, in nanoseconds.
  private static let shortestStop: UInt64 = 300_000_000

  package init(hosts: [String], window: Nanoseconds, now: Nanoseconds) {
    self.hosts = hosts
    self.window = window
    begun = now
    reference = hosts.map { _ in RankTimes() }
    stopped = hosts.map { _ in 0 }
  }

  /// Takes everyone's times, as of their last heartbeats; returns who is worth a word.
  package mutating func look(_ times: [RankTimes], now: Nanoseconds) -> [Straggler] {
    var found: [Straggler] = []
    for rank in times.indices where times[rank].stopped >= stopped[rank] + Self.shortestStop {
      found.append(straggler(rank, .stopped, lost: times[rank].stopped - stopped[rank], now))
      stopped[rank] = times[rank].stopped
    }
    guard now >= begun + window else { return found }
    let spent = zip(times, reference).map { $0.since($1) }
    // A window in which somebody stood still says nothing about anything else.
    if spent.allSatisfy({ $0.stopped < Self.shortestStop }), let slow = compare(spent, now), isNews(slow) {
      found.append(slow)
    }
    reference = times
    begun = now
    return found
  }

  private mutating func isNews(_ straggler: Straggler) -> Bool {
    if let last = said, last.rank == straggler.rank, last.cause == straggler.cause, last.windows < Self.silence {
      said!.windows += 1
      return false
    }
    said = (straggler.rank, straggler.cause, 1)
    return true
  }

  private func compare(_ spent: [RankTimes], _ now: Nanoseconds) -> Straggler? {
    let length = Double(now - begun)
    let slowest = spent.indices.max { spent[$0].busy < spent[$1].busy }!
    let others = spent.indices.filter { $0 != slowest }.map { spent[$0] }
    let lost = spent[slowest].busy - Self.median(others.map(\.busy), atMost: spent[slowest].busy)
    if Double(lost) >= Self.share * length {
      let data = spent[slowest].data - Self.median(others.map(\.data), atMost: spent[slowest].data)
      return straggler(slowest, 2 * data > lost ? .data : .compute, lost: lost, now)
    }
    let fullest = spent.indices.max { spent[$0].blocked < spent[$1].blocked }!
    let next = spent.indices.filter { $0 != fullest }.map { spent[$0].blocked }.max() ?? 0
    guard Double(spent[fullest].blocked) >= Self.blockedShare * length, spent[fullest].blocked > 2 * next else {
      return nil
    }
    return straggler(fullest, .network, lost: spent[fullest].blocked, now)
  }

  /// The middle one, the lower of two.
  private static func median(_ values: [UInt64], atMost limit: UInt64) -> UInt64 {
    min(limit, values.sorted()[(values.count - 1) / 2])
  }

  private func straggler(_ rank: Int, _ cause: Straggler.Cause, lost: UInt64, _ now: Nanoseconds) -> Straggler {
    Straggler(
      rank: rank, host: hosts[rank], cause: cause, lost: Double(lost) / 1e9,
      window: Double(max(now - min(now, begun), lost)) / 1e9)
  }
}
