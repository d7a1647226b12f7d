import Diagnostics
import Testing

@Suite("A rank that holds the others up")
struct StragglerTests {
  private static let second: UInt64 = 1_000_000_000

  /// Ten seconds of three ranks; `change` makes one of them different.
  private func look(_ change: (inout [RankTimes]) -> Void) -> [Straggler] {
    var watch = StragglerWatch(hosts: ["a", "b", "c"], window: 10 * Self.second, now: 0)
    var times = (0..<3).map { _ in
      RankTimes(data: Self.second, compute: 6 * Self.second, communication: 3 * Self.second, blocked: Self.second / 2)
    }
    change(&times)
    #expect(watch.look(times.map { _ in RankTimes() }, now: 5 * Self.second) == [])
    let found = watch.look(times, now: 10 * Self.second)
    // The same totals again: a window in which nothing happened.
    #expect(watch.look(times, now: 20 * Self.second) == [])
    return found
  }

  @Test("is not seen where all are alike, or nearly")
  func alike() {
    #expect(look { _ in } == [])
    #expect(look { $0[1].compute += Self.second * 9 / 10 } == [])
    // Everyone is slow over the network: no link is slower than the others.
    #expect(look { times in for rank in 0..<3 { times[rank].blocked = 5 * Self.second } } == [])
  }

  @Test("is named with what it loses the time with", arguments: [0, 1, 2])
  func named(rank: Int) {
    let host = ["a", "b", "c"][rank]
    func straggler(_ cause: Straggler.Cause, _ lost: Double) -> [Straggler] {
      [Straggler(rank: rank, host: host, cause: cause, lost: lost, window: 10)]
    }
    #expect(look { $0[rank].compute += 2 * Self.second } == straggler(.compute, 2))
    #expect(look { $0[rank].data += 3 * Self.second } == straggler(.data, 3))
    #expect(look { $0[rank].blocked = 4 * Self.second } == straggler(.network, 4))
    #expect(look { $0[rank].stopped = Self.second } == straggler(.stopped, 1))
    // A process that was stopped while it computed is not called slow.
    #expect(
      look {
        $0[rank].stopped = 2 * Self.second
        $0[rank].compute += 2 * Self.second
      } == straggler(.stopped, 2))
  }

  @Test("is named among two ranks, too")
  func two() {
    var watch = StragglerWatch(hosts: ["a", "b"], window: Self.second, now: 0)
    let found = watch.look([RankTimes(compute: Self.second), RankTimes(compute: Self.second / 2)], now: Self.second)
    #expect(found.map(\.rank) == [0] && found[0].cause == .compute && found[0].lost == 0.5)
  }

  @Test("is named again when something else holds up, but for long not with the same words")
  func repetition() {
    var watch = StragglerWatch(hosts: ["a", "b"], window: Self.second, now: 0)
    var times = [RankTimes(), RankTimes()]
    var said: [Straggler.Cause] = []
    for window in 1...70 {
      if window == 40 { times[1].data += Self.second } else { times[1].compute += Self.second }
      said += watch.look(times, now: UInt64(window) * Self.second).map(\.cause)
    }
    #expect(said == [.compute, .compute, .data, .compute])
  }

  @Test("because its process was stopped for a second is reported, and nothing is ended", arguments: [0, 1, 2])
  func pause(rank: Int) async throws {
    var job = Job(scenario: "paced", operations: 60)
    job.environment["LOCKSTEP_FAULT"] = "rank:\(rank),point:compute,number:10,do:pause"
    let result = try await job.run()
    #expect(result.statuses == [0: 0, 1: 0, 2: 0] && result.verdicts.isEmpty, "\(result.words)")
    let report = try #require(
      result.output[0]!.firstMatch(of: /warning: rank (\d) on .* did not run for (\d\.\d) s/), "\(result.words)")
    #expect(Int(report.1) == rank && Double(report.2)! >= 0.8, "\(report.0)")
  }

  @Test("does not end its times' growth when a rank's clock is read out of order")
  func backwards() {
    #expect(RankTimes(data: 1, compute: 2).since(RankTimes(data: 5, compute: 1)) == RankTimes(compute: 1))
  }
}
