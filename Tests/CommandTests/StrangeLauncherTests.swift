import Foundation
import Testing

@Suite("Without the launcher that it needs")
struct StrangeLauncherTests {
  @Test(
    "a rank of a launcher without PMIx ends with status 78 before it writes anything",
    arguments: [
      ["PMI_RANK": "0", "PMI_SIZE": "2", "MPI_LOCALRANKID": "0", "MPI_LOCALNRANKS": "2"],
      ["RANK": "1", "WORLD_SIZE": "2"], ["FLUX_TASK_RANK": "0", "FLUX_JOB_SIZE": "2"],
    ])
  func foreign(variables: [String: String]) throws {
    let run = try TinyRun()
    var command = run.train()
    command.variables = variables
    let outcome = try command.run()
    #expect(outcome.status == 78, "\(outcome.error)")
    #expect(
      outcome.complaints.count == 1 && outcome.complaints[0].contains("says 2 ranks, but there is no process manager"))
    #expect(!run.folder.contains("out"))
  }

  @Test("a process that such a launcher started alone trains, and evaluates as one of many")
  func alone() throws {
    let run = try TinyRun()
    var train = run.train("--set", "steps=2")
    train.variables = ["PMI_RANK": "0", "PMI_SIZE": "1", "PMI_FD": "9", "MPI_LOCALNRANKS": "1"]
    let trained = try train.run()
    #expect(trained.status == 0, "\(trained.error)")
    var predict = Command("predict", "out/models/last", "--text", "good", in: run.folder)
    predict.variables = ["PMI_RANK": "1", "PMI_SIZE": "2"]
    let outcome = try predict.run()
    #expect(outcome.status == 0 && outcome.output.contains("probabilities"), "\(outcome.error)")
  }

  @Test("the script for Slurm says what it is for outside an allocation, and what it takes inside one")
  func slurmScript() throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "cluster/slurm/train.sbatch").path
    let folder = try TemporaryFolder()
    let outside = try Shell.run(
      script, ["recipe.yaml", "out"], directory: folder.path, environment: ["SLURM_JOB_ID": ""])
    #expect(outside.status == 78 && outside.error.contains("is a job for Slurm"), "\(outside.error)")
    let inside = try Shell.run(script, ["recipe.yaml"], directory: folder.path, environment: ["SLURM_JOB_ID": "7"])
    #expect(inside.status == 2 && inside.error.contains("takes a recipe and an output folder"), "\(inside.error)")
    #expect(folder.contents(below: ".").isEmpty)
  }

  @Test("a damaged verdict is a sentence, and the others are read")
  func damagedVerdict() throws {
    let folder = try TemporaryFolder()
    try folder.write("{\"rank\":", to: "out/verdict/rank-0.json")
    try folder.write(
      #"{"rank":1,"host":"b","cause":"died","detail":"its connection ended","operation":"sum","step":3}"#,
      to: "out/verdict/rank-2.json")
    let outcome = try Command("verdict", "out", in: folder).run()
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    #expect(outcome.output.contains("out/verdict/rank-0.json is damaged: it holds no verdict;"), "\(outcome.output)")
    #expect(outcome.output.contains("rank 2 says: rank 1 on b died"), "\(outcome.output)")
    let json = try object(try Command("verdict", "out", "--json", in: folder).run().output)
    #expect((json["unreadable"] as? [String])?.count == 1)
  }

  @Test("a look at hosts none of which answers says that nothing is known, with status 78")
  func silentHosts() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.invalid\nb.invalid\n", to: "hosts")
    let outcome = try Command("doctor", "--hosts", "hosts", "--agent", "/bin/false", in: folder).run()
    #expect(outcome.status == 78, "\(outcome.error)")
    #expect(outcome.output.contains("none of the 2 hosts answers, so nothing is known of them"), "\(outcome.output)")
    #expect(!outcome.output.contains("\nok"), "\(outcome.output)")
  }

  @Test(
    "a limit of the address space ends with a line, whatever it is", arguments: [200_000, 300_000, 400_000, 500_000])
  func addressSpace(kibibytes: Int) throws {
    let run = try TinyRun()
    let words = "ulimit -v \(kibibytes) && exec \(Command.program) train tiny.yaml --output out --set steps=1"
    let outcome = try Shell.run("bash", ["-c", words], directory: run.folder.path, seconds: 60)
    #expect([0, 70].contains(outcome.status), "\(outcome.error)")
    if outcome.status == 70 { #expect(outcome.error.contains("lockstep: memory is short"), "\(outcome.error)") }
  }

  @Test("a container's share of time decides how many threads there are", .enabled(if: geteuid() == 0))
  func quota() throws {
    let run = try TinyRun()
    try run.changeRecipe("threads: 1\n", "")
    let words =
      "mount -t tmpfs tmpfs /sys/fs/cgroup && echo 100000 100000 > /sys/fs/cgroup/cpu.max"
      + " && exec \(Command.program) train tiny.yaml --output out --set steps=1"
    let outcome = try Shell.run("unshare", ["-m", "bash", "-c", words], directory: run.folder.path)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try run.folder.json("out/summary.json")["threads"] as? Int == 1)
  }
}
