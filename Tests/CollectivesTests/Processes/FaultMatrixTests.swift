import Bootstrap
import Foundation
import Testing

@Suite("Three processes, one of which fails")
struct FaultMatrixTests {
  private static let times = [
    "LOCKSTEP_PROBE_SILENCE": "2000", "LOCKSTEP_PROBE_OPERATION": "4000", JobEnvironment.joinTimeout: "3",
  ]

  @Test(
    "end in time, with the right status and one verdict that blames no healthy rank; a pause ends nothing",
    arguments: FaultCell.chosen)
  func cell(_ cell: FaultCell) async throws {
    let expected = cell.expectation
    let others = (0..<FaultCell.size).filter { $0 != cell.culprit }
    var job = Job(ranks: FaultCell.size, scenario: "job", operations: 6, environment: Self.times)
    job.environment["LOCKSTEP_FAULT"] = "rank:\(cell.culprit),point:\(cell.phase.rawValue),do:\(cell.cause)"
    // A rank that is stopped while the others look for it is found out long before they give up.
    if cell.cause == .freeze { job.environment[JobEnvironment.joinTimeout] = "60" }
    // Nor may a loaded machine pass for a pause that is too long.
    if cell.cause == .pause { job.environment["LOCKSTEP_PROBE_SILENCE"] = "8000" }
    if cell.usesLinks { job.environment["LOCKSTEP_PROBE_LINKS"] = "tcp" }
    let mayStay = expected.culpritStatus == nil ? cell.culprit : nil
    let result = try await job.run { running in
      running.waitForAll(but: mayStay, until: 20)
      if let mayStay { running.signal(mayStay, SIGKILL) }
    }
    let words = Comment(rawValue: result.words)
    for rank in others {
      #expect(result.statuses[rank] == expected.status, words)
      // Four times the bound: beside other tests a process may wait seconds for a processor.
      #expect(try seconds(result, of: rank, since: cell.culprit) < 4 * expected.seconds, words)
    }
    #expect(result.statuses[cell.culprit] == expected.culpritStatus ?? 137, words)
    check(result, expected, others: expected.culpritKnows ? others + [cell.culprit] : others, culprit: cell.culprit)
  }

  /// Seconds from the moment of the fault, as the culprit tells it, to the end of a rank.
  private func seconds(_ result: JobResult, of rank: Int, since culprit: Int) throws -> Double {
    let said = try #require(result.output[culprit]!.firstMatch(of: /lockstep: fault \w+ at .*, time (\d+)/))
    return result.endTimes[rank, default: .infinity] - Double(said.1)! / 1e9
  }

  private func check(_ result: JobResult, _ expected: FaultCell.Expectation, others: [Int], culprit: Int) {
    let words = Comment(rawValue: result.words)
    guard let cause = expected.verdict else {
      #expect(result.verdicts.isEmpty, words)
      return
    }
    for rank in others {
      guard let verdict = result.verdicts[rank] else {
        Issue.record("rank \(rank) has no verdict: \(result.words)")
        continue
      }
      #expect(verdict.cause == cause && expected.named.contains(verdict.rank), words)
      // Without rank 0 everyone judges by itself, in its own words.
      let isJudgedByAll = culprit == 0 && cause != .disagreed
      if isJudgedByAll {
        #expect(verdict.rank == result.verdicts[others[0]]?.rank, words)
      } else {
        #expect(verdict == result.verdicts[others[0]], words)
      }
    }
  }
}
