import Foundation
import Testing

/// The trainer's own phases; `CollectivesTests` has the matrix of all causes.
@Suite("A run whose rank fails", .serialized, .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"))
struct FaultTests {
  struct Fault: CustomTestStringConvertible {
    var culprit: Int
    var point: String
    var action: String
    var reduction = "ordered"
    var testDescription: String { "\(action) of rank \(culprit) at \(point), reduction \(reduction)" }

    static let all = [
      Fault(culprit: 0, point: "evaluation,number:10", action: "kill"),
      Fault(culprit: 1, point: "prepare,number:8", action: "trap"),
      Fault(culprit: 0, point: "commit,number:8", action: "kill"),
      Fault(culprit: 2, point: "step,number:9", action: "exit"),
      Fault(culprit: 1, point: "sum,number:9", action: "kill", reduction: "{kind: ordered, overlap: true}"),
    ]
  }

  /// The hash of an undisturbed run's weights.
  private static let straight = Result {
    let run = try TinyRun()
    try #require(try run.train().run().status == 0)
    return try #require(run.weightsHash)
  }

  private func run(_ run: TinyRun, fault: String, reduction: String = "ordered") throws -> Shell.Outcome {
    var command = run.train("--set", "reduction=\(reduction)", ranks: 3)
    command.variables["LOCKSTEP_FAULT"] = fault
    command.variables["SWIFT_BACKTRACE"] = "enable=no"
    return try command.run()
  }

  @Test("in any phase ends with one verdict, and goes on to the weights of an undisturbed run", arguments: Fault.all)
  func phases(_ fault: Fault) throws {
    let failing = try TinyRun()
    let outcome = try run(
      failing, fault: "rank:\(fault.culprit),point:\(fault.point),do:\(fault.action)", reduction: fault.reduction)
    #expect(outcome.status != 0 && outcome.seconds < 30)
    for rank in 0..<3 where rank != fault.culprit {
      let verdict = try failing.folder.json("out/verdict/rank-\(rank).json")
      #expect(verdict["rank"] as? Int == fault.culprit && verdict["cause"] as? String == "died", "\(verdict)")
    }
    let resumed = try failing.train("--resume", "auto").run()
    #expect(resumed.status == 0 && resumed.error.contains("resumed after step"), "\(resumed.error)")
    #expect(try failing.weightsHash == Self.straight.get())
  }

  /// Wide enough for several buckets: the last is not that thread's.
  @Test("in the thread that sums beside the backward pass ends with one verdict, too")
  func beside() throws {
    let failing = try TinyRun()
    try failing.changeRecipe("intermediate_size: 64", "intermediate_size: 16384")
    let outcome = try run(
      failing, fault: "rank:1,point:sum,number:3,do:kill", reduction: "{kind: ordered, overlap: true}")
    #expect(outcome.status != 0 && outcome.seconds < 30)
    for rank in [0, 2] {
      let verdict = try failing.folder.json("out/verdict/rank-\(rank).json")
      #expect(verdict["rank"] as? Int == 1 && verdict["cause"] as? String == "died", "\(verdict)")
    }
  }

  @Test(
    "to send a number ends on all ranks with the step and, as computing again gives one, status 75", arguments: [0, 2])
  func notANumber(culprit: Int) throws {
    let failing = try TinyRun()
    let outcome = try run(failing, fault: "rank:\(culprit),point:step,number:5,do:nan")
    #expect(outcome.status == 75, "\(outcome.error)")
    let words = "step 6: the gradient's norm is not a number: computed again it is finite"
    #expect(outcome.error.contains(words), "\(outcome.error)")
    #expect(failing.loggedSteps.last == 5)
  }

  /// Each call of the culprit's disk within the first two commits: a folder, its part's file, the bytes, the manifest.
  @Test(
    "to find room on its disk trains on to the same weights, whichever rank and call it is", arguments: 0..<3,
    [2, 7, 12])
  func fullDisk(culprit: Int, call: Int) throws {
    let failing = try TinyRun()
    var command = failing.train(ranks: 3)
    command.variables["LOCKSTEP_STORAGE_FAULT"] = "rank:\(culprit),call:\(call),do:full"
    let outcome = try command.run()
    #expect(outcome.status == 0 && outcome.error.contains("warning: no checkpoint of step "), "\(outcome.error)")
    #expect(try failing.weightsHash == Self.straight.get())
    let verified = try Command("checkpoint", "verify", "out", in: failing.folder).run()
    #expect(verified.status == 0 && verified.output.contains("step-00000030"), "\(verified.output)")
  }
}
