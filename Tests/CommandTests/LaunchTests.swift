import Foundation
import Testing

@Suite("A supervised run", .serialized, .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"))
struct LaunchTests {
  private static let steps = 60

  @Test(
    "whose rank or launcher is killed goes on to the same weights, and leaves nothing behind", arguments: [0, 1, nil])
  func killed(rank: Int?) throws {
    let supervised = try Supervised(steps: Self.steps)
    let outcome = try supervised.launch().run { running in
      try running.wait(forStep: 9, in: supervised.run)
      try supervised.kill(rank: rank, running)
    }
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try supervised.run.weightsHash == Supervised.undisturbed.get())
    #expect(supervised.run.loggedSteps == Array(1...Self.steps))
    #expect(try supervised.run.folder.json("out/summary.json")["restarts"] as? Int == 1)
    let ended = try supervised.history("ended")
    #expect(ended.map { $0["outcome"] as? String } == ["failed", "finished"])
    let verdict = ended.first?["verdict"] as? [String: Any]
    if let rank { #expect(verdict?["rank"] as? Int == rank && verdict?["cause"] as? String == "died", "\(ended)") }
    // Not by lines: what a killed rank or launcher wrote last may lack its end.
    let reports = outcome.error.components(separatedBy: "launch: ").dropFirst()
    #expect(reports.count == 4 && reports[2].contains("restart 1 of 10 from step "), "\(outcome.error)")
    try supervised.expectNothingLeft()
  }

  @Test("that is asked to stop commits a checkpoint and exits with 85", arguments: [SIGTERM, SIGINT, SIGUSR1])
  func stopped(signal: Int32) throws {
    let supervised = try Supervised(steps: 100_000)
    let outcome = try supervised.launch().run { running in
      try running.wait(forStep: 3, in: supervised.run)
      kill(running.process.processIdentifier, signal)
    }
    #expect(outcome.status == 85, "\(outcome.error)")
    let last = try #require(supervised.run.loggedSteps.last)
    #expect(supervised.run.folder.contains("out/checkpoints/" + String(format: "step-%08d", last)))
    #expect(try supervised.history("over").first?["status"] as? Int == 85)
    try supervised.expectNothingLeft()
  }

  @Test("whose supervisor is killed ends with it, and the next launch goes on to the same weights")
  func orphaned() throws {
    let supervised = try Supervised(steps: Self.steps)
    let outcome = try supervised.launch().run { running in
      try running.wait(forStep: 9, in: supervised.run)
      kill(running.process.processIdentifier, SIGKILL)
    }
    try #require(outcome.status == 128 + SIGKILL)
    let deadline = ContinuousClock.now + .seconds(60)
    while !supervised.processes.isEmpty, .now < deadline { usleep(10_000) }
    #expect(supervised.processes.isEmpty, "\(supervised.processes)")
    #expect(try supervised.launch(train: ["--resume", "auto"]).run().status == 0)
    #expect(try supervised.run.weightsHash == Supervised.undisturbed.get())
    try supervised.expectNothingLeft()
  }

  @Test("is given up when starting again brings no new committed step")
  func hopeless() throws {
    let supervised = try Supervised(steps: 8)
    var command = supervised.launch()
    command.variables["LOCKSTEP_FAULT"] = "rank:1,point:reduce-scatter,do:kill"
    let outcome = try command.run()
    #expect(
      outcome.status == 75 && outcome.error.contains("3 consecutive starts committed no new step"), "\(outcome.error)")
    #expect(try supervised.history("started").count == 3)
    try supervised.expectNothingLeft()
  }

  @Test("with wrong input is started once, and says what is wrong once")
  func refused() throws {
    let supervised = try Supervised(steps: 8)
    let outcome = try supervised.launch(train: ["--set", "model.labels=0"]).run()
    #expect(outcome.status == 2 && outcome.complaints.count == 1, "\(outcome.error)")
    #expect(try supervised.history("started").count == 1)
  }

  @Test("begins anew when it was asked to, and a restart does not take up what another run left")
  func begunAnew() throws {
    let supervised = try Supervised(steps: Self.steps)
    _ = try supervised.run.train("--set", "steps=20").run()
    let command = supervised.launch(train: ["--set", "seed=9"])
    let outcome = try command.run { running in
      // At once: before the first commit, perhaps before the older checkpoints are put aside.
      try supervised.kill(rank: 1, running)
    }
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(supervised.run.loggedSteps == Array(1...Self.steps))
  }

  @Test("is alone in its folder")
  func second() throws {
    let supervised = try Supervised(steps: 100_000)
    let outcome = try supervised.launch().run { running in
      try running.wait(forStep: 1, in: supervised.run)
      let other = try supervised.launch().run()
      let words = "out is in use by another lockstep launch on "
      #expect(other.status == 78 && other.error.contains(words), "\(other.error)")
      kill(running.process.processIdentifier, SIGTERM)
    }
    #expect(outcome.status == 85)
  }

  @Test("can be looked at before it starts")
  func dryRun() throws {
    let supervised = try Supervised(steps: 8)
    try supervised.run.folder.write("node1 slots=1\nnode2 slots=1\n", to: "hosts")
    let outcome = try supervised.launch("--dry-run", "--hosts", "hosts").run()
    #expect(outcome.status == 0 && outcome.output.hasPrefix("mpirun "), "\(outcome.error)")
    #expect(outcome.output.contains(" -n 2 --host node1:1,node2:1 ") && !supervised.run.folder.contains("out"))
    try supervised.run.folder.write("node1 slots=many\n", to: "hosts")
    let refused = try supervised.launch("--hosts", "hosts").run()
    #expect(
      refused.status == 78
        && refused.complaints == [
          "lockstep: hosts:1: \"slots=many\" is not a number of ranks; write slots=N with N from 1 to 4096"
        ])
  }
}
