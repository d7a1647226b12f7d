import Foundation
import Testing

/// A Slurm of this machine alone, started by `cluster/slurm/one-machine` and ended with the object.
private final class OneMachineSlurm {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "cluster/slurm").path

  static let isPossible =
    geteuid() == 0 && Shell.has("slurmctld", "slurmd", "munged", "sbatch", "srun", "scancel", "sinfo")

  /// Short, wherever temporary files lie: the paths of sockets below it are.
  private let place = "/tmp/slurm-\(UUID().uuidString.prefix(8))"
  private var environment: [String: String] {
    ["SLURM_CONF": place + "/slurm.conf", "LOCKSTEP": Command.program]
  }

  init() throws {
    let started = try Shell.run(Self.folder + "/one-machine", ["up", place])
    guard started.status == 0 else { throw CocoaError(.executableLoad, userInfo: ["up": started.error]) }
  }

  deinit {
    _ = try? Shell.run(Self.folder + "/one-machine", ["down", place])
    try? FileManager.default.removeItem(atPath: place)
  }

  func run(_ program: String, _ arguments: String...) throws -> Shell.Outcome {
    try Shell.run(program, arguments, environment: environment)
  }

  var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }
  var logPath: String { place + "/job.log" }
}

@Suite(
  "The batch script for Slurm",
  .enabled(if: OneMachineSlurm.isPossible, "it takes root and Debian's slurmctld, slurmd, slurm-client and munge"))
struct SlurmTests {
  @Test(
    "trains, starts a killed rank again in place, is signalled, goes back into the queue, resumes, to the same bits")
  func requeue() throws {
    let (alone, run) = (try TinyRun(), try TinyRun())
    try #require(try alone.train("--set", "steps=100").run().status == 0)
    let slurm = try OneMachineSlurm()
    let submitted = try slurm.run(
      "sbatch", "--chdir", run.folder.path, "--nodes", "1", "--ntasks-per-node", "2", "--time", "30", "--output",
      slurm.logPath, OneMachineSlurm.folder + "/train.sbatch", run.recipe, run.output, "--set", "steps=100")
    try #require(submitted.status == 0, "\(submitted.error)")
    let job = try #require(submitted.output.split(whereSeparator: \.isWhitespace).last.map { String($0) })
    try wait(slurm) { slurm.log.contains("checkpoint of step") }
    let killed = try #require(Supervised.processes(of: run).first { $0.rank == 1 })
    Glibc.kill(killed.id, SIGKILL)
    try wait(slurm) { slurm.log.contains("launch: start 2: 2 ranks") && run.loggedSteps.contains { $0 >= 20 } }
    #expect(slurm.log.contains(/launch: rank 1 on .* died: .*; restart 1 of 10 from step/), "\(slurm.log)")
    #expect(try slurm.run("scancel", "--batch", "--signal=USR1", job).status == 0)
    try wait(slurm) { run.folder.contains("out/summary.json") || slurm.log.contains("not put into") }
    #expect(slurm.log.contains("lockstep: status 85, put into the queue again"), "\(slurm.log)")
    #expect(slurm.log.contains("resumed after step"), "\(slurm.log)")
    #expect(run.weightsHash != nil && run.weightsHash == alone.weightsHash)
  }

  /// What the job and its queue looked like when nobody waited any longer.
  private struct Overdue: Error {
    let queue: String
    let log: String
  }

  /// Slurm puts a job back after minutes where the machine is busy.
  private func wait(_ slurm: OneMachineSlurm, for condition: () -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(400)
    while !condition() {
      guard .now < deadline else {
        throw Overdue(queue: (try? slurm.run("squeue").output) ?? "", log: String(slurm.log.suffix(2000)))
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }
}
