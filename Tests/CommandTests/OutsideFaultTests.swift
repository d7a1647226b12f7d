import Foundation
import Testing

/// Rows of the matrix of faults that come from outside the program.
@Suite("A run that is disturbed from outside", .serialized) struct OutsideFaultTests {
  @Test(
    "while its ranks find each other names the one that is frozen, and does not wait for it",
    .enabled(if: Command.hasLauncher), arguments: [0, 2]) func frozenWhileJoining(culprit: Int) throws
  {
    let run = try TinyRun()
    var command = run.train(ranks: 3)
    command.variables["LOCKSTEP_FAULT"] = "rank:\(culprit),point:join,do:freeze"
    let outcome = try command.run()
    #expect(outcome.status != 0)
    // Ranks may take 60 s to find each other.
    #expect(outcome.seconds < 45, "\(outcome.error)")
    let others = [0, 1, 2].filter { $0 != culprit }
    let verdicts = others.compactMap { try? run.folder.json("out/verdict/rank-\($0).json") }
    #expect(!verdicts.isEmpty)
    for verdict in verdicts {
      #expect(verdict["rank"] as? Int == culprit && verdict["cause"] as? String == "silent", "\(verdict)")
      #expect((verdict["detail"] as? String)?.hasSuffix("is stopped") == true, "\(verdict)")
    }
    #expect(outcome.error.contains("rank \(culprit) on ") && outcome.error.contains("fell silent"), "\(outcome.error)")
  }

  @Test(
    "by a signal is told with its name by the launch and by the verdict",
    arguments: [("abort", "signal 6 (SIGABRT)"), ("kill", "signal 9 (SIGKILL)")], ["local", "mpirun"]) func signals(
      fault: (action: String, name: String), launcher: String
    ) throws
  {
    if launcher == "mpirun", !Command.hasLauncher { return }
    let supervised = try Supervised(steps: 60)
    var command = supervised.launch("--launcher", launcher, "--max-restarts", "0")
    command.variables["LOCKSTEP_FAULT"] = "rank:1,point:step,number:9,do:\(fault.action)"
    command.variables["SWIFT_BACKTRACE"] = "enable=no"
    let outcome = try command.run()
    #expect(outcome.status == 75 && outcome.error.contains(fault.name), "\(outcome.error)")
    let told = try Command("verdict", "out", in: supervised.run.folder).run()
    #expect(told.status == 0 && told.output.contains(fault.name), "\(told.output)")
  }

  @Test("by a second run in the same folder goes on, and the second one is told whose folder it is") func secondRun()
    throws
  {
    let run = try TinyRun()
    var command = run.train("--set", "steps=100000")
    command.deadline = 180
    let outcome = try command.run { running in
      try running.wait(forStep: 3, in: run)
      for arguments in [
        ["train", run.recipe, "--output", "out"],
        ["launch", "--ranks", "1", "--launcher", "local", "--", "train", run.recipe, "--output", "out"],
      ] {
        var second = Command(in: run.folder)
        second.arguments = arguments
        let refused = try second.run()
        #expect(refused.status == 78, "\(refused.error)")
        #expect(refused.error.contains("\(running.process.processIdentifier)"), "\(refused.error)")
      }
      let step = run.loggedSteps.last ?? 0
      try running.wait(forStep: step + 2, in: run)
      kill(running.process.processIdentifier, SIGTERM)
    }
    #expect(outcome.status == 85, "\(outcome.error)")
    #expect(run.loggedSteps == Array(1...(run.loggedSteps.last ?? 0)))
  }

  @Test(
    "by a link that somebody planted in its folder touches nothing that the link leads to",
    arguments: ["models", "models/best", "checkpoints", "metrics.jsonl", "ledger.jsonl", "verdict", "summary.json"])
  func plantedLink(name: String) throws {
    let run = try TinyRun()
    let isFolder = !name.contains("json")
    try run.folder.write("precious", to: "elsewhere/best/config.json")
    try run.folder.write("precious", to: "elsewhere/file")
    let before = run.folder.contents(below: "elsewhere")
    try run.folder.write("x", to: "out/models/x")
    if name == "models" { try run.folder.remove("out/models") }
    try FileManager.default.createSymbolicLink(
      atPath: "\(run.folder.path)/out/\(name)",
      withDestinationPath: "\(run.folder.path)/elsewhere" + (isFolder ? "" : "/file"))
    let outcome = try run.train("--set", "steps=4").run()
    #expect([0, 2, 74].contains(outcome.status), "\(outcome.error)")
    #expect(run.folder.contents(below: "elsewhere") == before, "\(outcome.error)")
  }

  @Test("whose temporary folder was taken by somebody else launches all the same, TMPDIR being what it may")
  func takenName() throws {
    let supervised = try Supervised(steps: 6)
    try supervised.run.folder.write("x", to: "it's a \"folder\"/x")
    var command = supervised.launch("--launcher", "local")
    command.variables["TMPDIR"] = supervised.run.folder.path + "/it's a \"folder\""
    let first = try command.run()
    #expect(first.status == 0, "\(first.error)")
    try supervised.run.folder.remove("out")
    command.variables["TMPDIR"] = supervised.run.folder.path + "/plain"
    try supervised.run.folder.write("x", to: "plain/x")
    #expect(try command.run().status == 0)
    let taken = try #require(try supervised.temporaryFolders().first)
    try supervised.run.folder.remove("out")
    try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: false)
    try Data("theirs".utf8).write(to: URL(filePath: taken + "/file"))
    guard geteuid() == 0, chown(taken, 12345, 12345) == 0 else { return }
    let again = try command.run()
    #expect(again.status == 0, "\(again.error)")
    #expect(FileManager.default.contents(atPath: taken + "/file") == Data("theirs".utf8))
  }
}
