import Foundation
import Testing

@Suite("A long run that is disturbed again and again", .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"))
struct SoakTests {
  /// `launch/soak` asks for a hundred.
  private static let kills = ProcessInfo.processInfo.environment["LOCKSTEP_SOAK_KILLS"].flatMap { Int($0) } ?? 5

  @Test("ends with the weights of an undisturbed one, and leaves nothing behind")
  func soak() throws {
    let supervised = try Supervised(steps: 40 + Self.kills * 120)
    try supervised.run.folder.write("", to: "temporary/.keep")
    var command = supervised.launch("--max-restarts", "100000", "--patience", "12")
    command.variables["TMPDIR"] = supervised.run.folder.path + "/temporary"
    command.deadline = 120 + Double(Self.kills) * 12
    let shared = Self.sharedMemory
    let outcome = try command.run { running in
      for kill in 1...Self.kills { try disturb(supervised, running, start: kill) }
    }
    try #require(outcome.status == 0, "\(outcome.error.suffix(4000))")
    let summary = try supervised.run.folder.json("out/summary.json")
    #expect(summary["restarts"] as? Int ?? 0 >= Self.kills)
    let straight = try TinyRun()
    try #require(try straight.train("--set", "steps=\(supervised.steps)").run().status == 0)
    #expect(supervised.run.weightsHash == straight.weightsHash)
    #expect(supervised.run.loggedSteps == Array(1...supervised.steps))
    #expect(supervised.run.folder.contents(below: "temporary").keys.sorted() == [".keep"])
    #expect(Self.sharedMemory.isSubset(of: shared), "\(Self.sharedMemory)")
    try supervised.expectNothingLeft()
  }

  /// Kills a rank or mpirun some steps after a start, or at any moment of it, and waits for the next start.
  private func disturb(_ supervised: Supervised, _ running: Running, start: Int) throws {
    let first = supervised.lastStep
    if Int.random(in: 0..<8) == 0 {
      Thread.sleep(forTimeInterval: .random(in: 0...1.5))
    } else {
      let distance = Int.random(in: 8...36)
      try running.wait { !running.process.isRunning || supervised.lastStep >= first + distance }
    }
    try supervised.kill(rank: [0, 1, nil].randomElement() ?? nil, running)
    try running.wait { supervised.starts > start || !running.process.isRunning }
  }

  private static var sharedMemory: Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? [])
  }
}
