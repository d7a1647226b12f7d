import Foundation
import Testing

@Suite("A run that is interrupted")
struct ResumeTests {
  /// Starts runs until a signal strikes one in the middle: after the step was logged, before the run was over.
  /// - Returns: the interrupted run.
  private func interrupt(_ signal: Int32, afterStep step: Int, expecting status: Int32) throws -> TinyRun {
    for _ in 0..<10 {
      let run = try TinyRun()
      let outcome = try run.train().run { running in
        try running.wait(forStep: step, in: run)
        kill(running.process.processIdentifier, signal)
      }
      if outcome.status == status { return run }
      try #require(outcome.status == 0, "\(outcome.error)")
    }
    throw NeverInterrupted()
  }

  private struct NeverInterrupted: Error {}

  private func straight() throws -> TinyRun {
    let run = try TinyRun()
    let outcome = try run.train().run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return run
  }

  @Test("by SIGKILL goes on to the same weights and the same log, at any number of ranks", arguments: [nil, 2, 3])
  func killed(ranks: Int?) throws {
    if ranks != nil && !Command.hasLauncher { return }
    let straight = try straight()
    let run = try interrupt(SIGKILL, afterStep: .random(in: 9...16), expecting: 128 + SIGKILL)
    #expect(run.weightsHash == nil)
    let outcome = try run.train("--resume", "auto", ranks: ranks).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("resumed after step"))
    #expect(run.weightsHash == straight.weightsHash)
    #expect(run.loggedSteps == Array(1...TinyRun.steps))
    #expect(run.losses == straight.losses)
    #expect(run.ledger.count == TinyRun.steps && run.ledger == straight.ledger)
  }

  @Test("by SIGTERM commits a checkpoint, exits with 85, and goes on to the same weights")
  func terminated() throws {
    let run = try interrupt(SIGTERM, afterStep: 5, expecting: 85)
    let listed = try Command("checkpoint", "list", "out", in: run.folder).run()
    let last = try #require(run.loggedSteps.last)
    #expect(listed.output.contains(String(format: "step-%08d", last)), "\(listed.output)")
    #expect(try run.train("--resume", "auto").run().status == 0)
    #expect(try run.weightsHash == straight().weightsHash)
  }

  @Test("and whose newest checkpoint is damaged goes on from the one before, to the same weights")
  func damaged() throws {
    let run = try interrupt(SIGKILL, afterStep: 17, expecting: 128 + SIGKILL)
    let listed = try Command("checkpoint", "list", "out", in: run.folder).run().output
    let newest = try #require(listed.split(separator: "\n").last?.split(separator: " ").first)
    let files = run.folder.contents(below: "out/checkpoints/\(newest)")
    let name = try #require(files.keys.first { $0.contains("weights") })
    var bytes = [UInt8](files[name] ?? Data())
    bytes[bytes.count - 5] ^= 1
    try run.folder.write(bytes, to: "out/checkpoints/\(newest)/\(name)")

    let verified = try Command("checkpoint", "verify", "out", in: run.folder).run()
    #expect(verified.status == 74 && verified.output.contains("NOT VALID"), "\(verified.output)")
    let outcome = try run.train("--resume", "auto").run()
    #expect(outcome.status == 0 && outcome.error.contains("\(newest)"), "\(outcome.error)")
    #expect(try run.weightsHash == straight().weightsHash)
  }

  @Test("once it is finished changes nothing when it is resumed, with as many steps or fewer, alone or supervised")
  func finished() throws {
    let run = try straight()
    let before = run.folder.contents(below: "out")
    for steps in [TinyRun.steps, 10] {
      let again = try run.train("--resume", "auto", "--set", "steps=\(steps)").run()
      #expect(
        again.status == 0 && again.output.contains("is finished after 30 steps"), "\(again.output) \(again.error)")
      #expect(run.folder.contents(below: "out") == before)
    }
    let supervised = try Command(
      "launch", "--ranks", "1", "--launcher", "local", "--max-restarts", "0", "--", "train", run.recipe, "--output",
      "out",
      "--resume", "auto", in: run.folder
    ).run()
    #expect(supervised.status == 0, "\(supervised.error)")
    let after = run.folder.contents(below: "out").filter { !$0.key.hasPrefix("verdict/") && $0.key != "launch.jsonl" }
    #expect(after == before)
  }

  @Test("before its results were written is finished when it is resumed")
  func results() throws {
    let run = try straight()
    let hash = run.weightsHash
    try run.folder.remove("out/summary.json")
    try run.folder.remove("out/models/last/config.json")
    try #require(try run.train("--resume", "auto").run().status == 0)
    #expect(run.weightsHash == hash && run.folder.contains("out/models/last/config.json"))
  }

  @Test("and has no checkpoint says so when it is resumed, and begins with its first step")
  func nothing() throws {
    let run = try TinyRun()
    let outcome = try run.train("--resume", "auto", "--set", "steps=2", "--set", "schedule.warmup=0").run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("--resume auto found no checkpoint in out/checkpoints"), "\(outcome.error)")
    let plain = try run.train("--set", "steps=2", "--set", "schedule.warmup=0").run()
    #expect(!plain.error.contains("--resume auto"), "\(plain.error)")
  }

  @Test("refuses to go on with another recipe, and keeps its checkpoints")
  func foreign() throws {
    let run = try straight()
    let before = run.folder.contents(below: "out")
    for (change, difference) in [
      ("seed=8", "seed was 7 and is now 8"),
      ("techniques.ema={decay: 0.9}", "techniques.ema.decay was not given and is now 0.9"),
      ("techniques.fgm=true", "techniques.fgm was not given and is now true"),
      ("optimizer.learning_rate=2.0e-3", "optimizer.learning_rate was 0.001 and is now 0.002"),
      ("schedule={kind: constant}", "schedule.kind was linear and is now constant"),
    ] {
      let outcome = try run.train("--resume", "auto", "--set", change).run()
      #expect(outcome.status == 2 && outcome.complaints.count == 1, "\(outcome.error)")
      #expect(outcome.error.contains(difference), "\(outcome.error)")
    }
    #expect(run.folder.contents(below: "out") == before)
  }

  @Test("goes on where values that mean the same are written otherwise")
  func otherSpelling() throws {
    let run = try straight()
    let outcome = try run.train(
      "--resume", "auto", "--set", "optimizer.learning_rate=0.001", "--set", "techniques.ema=false", "--set",
      "model.recompute=true"
    ).run()
    #expect(outcome.status == 0, "\(outcome.error)")
  }
}
