import Foundation
import Testing

@Suite("A supervised run without MPI", .serialized)
struct LocalLaunchTests {
  @Test("whose rank is killed goes on to the same weights, and leaves nothing behind", arguments: [0, 1])
  func killed(rank: Int) throws {
    let supervised = try Supervised(steps: 60)
    let outcome = try supervised.launch("--launcher", "local").run { running in
      try running.wait(forStep: 9, in: supervised.run)
      try supervised.kill(rank: rank, running)
    }
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try supervised.run.weightsHash == Supervised.undisturbed.get())
    let ended = try supervised.history("ended")
    #expect(ended.map { $0["outcome"] as? String } == ["failed", "finished"])
    let verdict = ended.first?["verdict"] as? [String: Any]
    #expect(verdict?["rank"] as? Int == rank && verdict?["cause"] as? String == "died", "\(ended)")
    #expect(outcome.error.contains("killed by signal 9 (SIGKILL)"), "\(outcome.error)")
    let told = try Command("verdict", "out", in: supervised.run.folder).run()
    #expect(told.output.contains("killed by signal 9 (SIGKILL)"), "\(told.output) \(told.error)")
    #expect(told.output.contains("start 2: 2 ranks on localhost") && told.output.contains(": finished after "))
    try supervised.expectNothingLeft()
  }

  @Test("that is asked to stop commits a checkpoint and exits with 85")
  func stopped() throws {
    let supervised = try Supervised(steps: 100_000)
    let outcome = try supervised.launch("--launcher", "local", ranks: 3).run { running in
      try running.wait(forStep: 3, in: supervised.run)
      kill(running.process.processIdentifier, SIGTERM)
    }
    #expect(outcome.status == 85, "\(outcome.error)")
    let last = try #require(supervised.run.loggedSteps.last)
    #expect(supervised.run.folder.contains("out/checkpoints/" + String(format: "step-%08d", last)))
    try supervised.expectNothingLeft()
  }

  @Test("whose supervisor is killed ends with it, and leaves no secret behind")
  func orphaned() throws {
    let supervised = try Supervised(steps: 100_000)
    let outcome = try supervised.launch("--launcher", "local").run { running in
      try running.wait(forStep: 3, in: supervised.run)
      kill(running.process.processIdentifier, SIGKILL)
    }
    try #require(outcome.status == 128 + SIGKILL)
    let deadline = ContinuousClock.now + .seconds(60)
    while !supervised.processes.isEmpty, .now < deadline { usleep(10_000) }
    #expect(supervised.processes.isEmpty, "\(supervised.processes)")
    let left = try supervised.temporaryFolders().flatMap(FileManager.default.contentsOfDirectory(atPath:))
    #expect(left.isEmpty, "\(left)")
  }
}
