import Foundation
import Testing

@Suite("A run whose disk or process fails amid its checkpoints")
struct StorageFaultTests {
  private static func undisturbed() throws -> TinyRun {
    let run = try TinyRun()
    try #require(try run.train().run().status == 0)
    return run
  }

  private static let straight = Result { try undisturbed().weightsHash }

  private func train(_ run: TinyRun, _ fault: String, _ more: String...) -> Command {
    var command = run.train()
    command.arguments += more
    command.variables["LOCKSTEP_STORAGE_FAULT"] = fault
    return command
  }

  @Test("goes on to the same weights when it is killed at any call of the disk", arguments: 0..<10)
  func killed(sample: Int) throws {
    let run = try TinyRun()
    let call = sample * 29 + Int.random(in: 0..<29)
    let outcome = try train(run, "call:\(call),do:kill", "--resume", "auto").run()
    try #require(outcome.status == 128 + SIGKILL, "call \(call): \(outcome.error)")
    // A second death while the first is cleared up, or while the checkpoint is read.
    _ = try train(run, "call:\(Int.random(in: 0..<30)),do:kill", "--resume", "auto").run()
    let last = try run.train("--resume", "auto").run()
    #expect(last.status == 0 && !last.error.contains("put aside"), "call \(call): \(last.error)")
    #expect(try run.weightsHash == Self.straight.get(), "call \(call)")
    let names = Set(run.folder.contents(below: "out/checkpoints").keys.map { $0.prefix { $0 != "/" } })
    #expect(names.allSatisfy { $0.hasPrefix("step-") }, "call \(call): \(names)")
  }

  @Test(
    "warns and trains on when the disk is full or failing for a while, the older checkpoints valid",
    arguments: [
      "full", "broken",
    ])
  func passing(fault: String) throws {
    let run = try TinyRun()
    let outcome = try train(run, "call:60,do:\(fault),times:1").run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count { $0.contains("warning: no checkpoint of step ") } == 1)
    #expect(try run.weightsHash == Self.straight.get())
    let verified = try Command("checkpoint", "verify", "out", in: run.folder).run()
    #expect(verified.status == 0 && verified.output.contains("step-00000030"), "\(verified.output)")
  }

  @Test("ends with 74 when three checkpoints in a row fail, the older ones valid")
  func lasting() throws {
    let run = try TinyRun()
    var command = train(run, "call:60,do:full,times:1000")
    command.arguments += ["--disk-wait", "0"]
    let outcome = try command.run()
    #expect(outcome.status == 74 && outcome.complaints.count == 1, "\(outcome.error)")
    #expect(outcome.error.contains("fallocate failed: No space left on device; free space"), "\(outcome.error)")
    #expect(try Command("checkpoint", "verify", "out", in: run.folder).run().status == 0)
    #expect(try run.train("--resume", "auto").run().status == 0)
    #expect(try run.weightsHash == Self.straight.get())
  }

  @Test(
    "of two ranks goes on when one's disk is full, once or for many checkpoints",
    .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"), arguments: [1, 5])
  func oneOfTwo(times: Int) throws {
    let run = try TinyRun()
    var command = run.train(ranks: 2)
    command.variables["LOCKSTEP_STORAGE_FAULT"] = "rank:1,call:5,do:full,times:\(times)"
    let outcome = try command.run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let warnings = outcome.error.split(separator: "\n").count { $0.contains("warning: no checkpoint of step ") }
    #expect(warnings == times, "\(outcome.error)")
    #expect(outcome.error.contains("rank 1: "), "\(outcome.error)")
    #expect(try run.weightsHash == Self.straight.get())
  }
}
