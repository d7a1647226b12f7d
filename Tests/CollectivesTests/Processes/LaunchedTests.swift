import Collectives
import Foundation
import Testing

@Suite("Ranks started by mpirun", .serialized, .enabled(if: Launch.isPossible, "there is no /usr/bin/mpirun"))
struct LaunchedTests {
  @Test("find each other, sum right and part in order", arguments: [1, 2, 3, 5])
  func sums(ranks: Int) throws {
    let result = try Launch(ranks: ranks, scenario: "sums").run()
    #expect(result.status == 0, "\(result.output)")
    for rank in 0..<ranks { #expect(result.output.contains("rank \(rank) of \(ranks): 5 operations right")) }
    #expect(result.verdicts.isEmpty && result.orphans.isEmpty)
  }

  @Test("sum with MPI what they sum over their links, and part in order")
  func messagePassing() throws {
    let result = try Launch(ranks: 2, scenario: "mpi").run()
    #expect(result.status == 0, "\(result.output)")
    for rank in 0..<2 { #expect(result.output.contains("rank \(rank) of 2: 5 operations right")) }
    #expect(result.verdicts.isEmpty && result.orphans.isEmpty)
  }

  /// Where a fault strikes, and whether ranks have met by then.
  struct Fault: CustomTestStringConvertible {
    var point: String
    var action: String
    var testDescription: String { "\(action) at \(point)" }

    /// What mpirun makes of the ways to end; the matrix of faults has the rest, without mpirun.
    static let all = [
      Fault(point: "reduce-scatter,number:2", action: "kill"), Fault(point: "compute,number:0", action: "exit"),
      Fault(point: "compute,number:2", action: "exit3"),
    ]
  }

  @Test("name a rank that ends without a farewell, all of them, within two seconds", arguments: Fault.all, [0, 1, 2])
  func death(_ fault: Fault, culprit: Int) throws {
    let launch = Launch(ranks: 3, scenario: "long", fault: "rank:\(culprit),point:\(fault.point),do:\(fault.action)")
    let result = try launch.run()
    #expect(result.status != 0)
    #expect(result.verdicts.keys.sorted() == [0, 1, 2].filter { $0 != culprit }, "\(result.output)")
    for (rank, verdict) in result.verdicts {
      #expect(verdict.rank == culprit && verdict.cause == .died, "rank \(rank) says \(verdict)")
    }
    #expect(result.orphans.isEmpty)
  }

  @Test("are gone at once when mpirun is killed, in any phase of a job", arguments: FaultCell.Phase.allCases)
  func launcher(_ phase: FaultCell.Phase) throws {
    // A rank that pauses in the phase holds all of them there.
    let launch = Launch(
      ranks: 3, scenario: "job", operations: 10_000, fault: "rank:1,point:\(phase.rawValue),do:pause")
    let result = try launch.run { process, output in
      for _ in 0..<400 where !output().contains("lockstep: fault pause") { Thread.sleep(forTimeInterval: 0.01) }
      kill(process.processIdentifier, SIGKILL)
    }
    #expect(result.status == SIGKILL && result.seconds < 30, "\(result.output)")
    #expect(result.orphans.isEmpty)
  }

  @Test("notice a frozen rank by its silence", arguments: [1])
  func freeze(culprit: Int) throws {
    let launch = Launch(
      ranks: 3, scenario: "long", fault: "rank:\(culprit),point:reduce-scatter,number:1,do:freeze",
      environment: ["LOCKSTEP_PROBE_SILENCE": "2000"])
    let result = try launch.run()
    #expect(result.status == 75, "\(result.output)")
    // When the others end, mpirun wakes the frozen one before it kills it: it may have time to learn the verdict.
    #expect(Set([0, 1, 2]).subtracting(result.verdicts.keys).isSubset(of: [culprit]), "\(result.output)")
    for (_, verdict) in result.verdicts { #expect(verdict.rank == culprit && verdict.cause == .silent, "\(verdict)") }
    #expect(result.orphans.isEmpty)
  }

  @Test("tell which rank submits another operation, and what both call it", arguments: [2, 4])
  func disagreement(ranks: Int) throws {
    let result = try Launch(ranks: ranks, scenario: "disagree").run()
    #expect(result.status == 76, "\(result.output)")
    #expect(result.verdicts.count == ranks)
    for (_, verdict) in result.verdicts {
      #expect(verdict.rank == ranks - 1 && verdict.cause == .disagreed, "\(verdict)")
      #expect(verdict.detail.contains("f32[2000]") && verdict.detail.contains("f32[1000]"), "\(verdict)")
    }
  }

  @Test("tell which rank ran fewer operations", arguments: [2, 4])
  func early(ranks: Int) throws {
    let result = try Launch(ranks: ranks, scenario: "early").run()
    #expect(result.status == 76, "\(result.output)")
    for (_, verdict) in result.verdicts {
      #expect(verdict.rank == ranks - 1 && verdict.cause == .disagreed, "\(verdict)")
    }
  }
}
