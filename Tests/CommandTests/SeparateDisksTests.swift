import Foundation
import Testing

@Suite("Ranks that share no disk", .serialized, .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"))
struct SeparateDisksTests {
  /// A run whose rank r works in the folder `host-r`, with paths that are the same everywhere.
  private struct Apart {
    let run: TinyRun
    let ranks: Int

    /// - Parameter files: which of the run's files every host has; rank 0's has all.
    init(ranks: Int = 2, files: [String]? = nil) throws {
      run = try TinyRun()
      self.ranks = ranks
      let names = ["train.tsv", "dev.tsv", "vocab.txt", run.recipe]
      for rank in 0..<ranks {
        for name in names where rank == 0 || files?.contains(name) ?? true {
          try run.folder.write(run.folder.read(name), to: "host-\(rank)/\(name)")
        }
      }
    }

    /// - Parameter turn: rank r works in the folder of rank r + turn.
    func train(_ more: String..., turn: Int = 0) -> Command {
      var command = Command("train", run.recipe, "--output", run.output, in: run.folder, ranks: ranks)
      command.arguments += more
      let place = "cd host-$(((OMPI_COMM_WORLD_RANK + \(turn)) % \(ranks)))"
      command.launcherOptions = ["sh", "-c", "\(place) && exec \"$0\" \"$@\""]
      return command
    }

    func hash(_ host: Int) throws -> String? {
      try run.folder.json("host-\(host)/out/summary.json")["weights_sha256"] as? String
    }

    /// The committed checkpoints of a host.
    func checkpoints(_ host: Int) -> [String] {
      let path = "\(run.folder.path)/host-\(host)/out/checkpoints"
      return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { $0.hasPrefix("step-") }
        .sorted()
    }
  }

  /// The weights of one process.
  private static let alone = Result {
    let run = try TinyRun()
    let outcome = try run.train().run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return try #require(run.weightsHash)
  }

  private static let stopAtTen = ["LOCKSTEP_FAULT": "rank:1,point:step,number:10,do:terminate"]

  @Test("leave it to rank 0 to keep checkpoints and models, with the bits of one process")
  func gathered() throws {
    let apart = try Apart(ranks: 3)
    let outcome = try apart.train().run()
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(try apart.hash(0) == Self.alone.get())
    // The last two, and the best one.
    #expect((2...3).contains(apart.checkpoints(0).count), "\(apart.checkpoints(0))")
    let newest = "host-0/out/checkpoints/\(try #require(apart.checkpoints(0).last))"
    #expect(apart.run.folder.contains(newest + "/weights.safetensors"))
    for host in 1...2 { #expect(apart.run.folder.contents(below: "host-\(host)/out").isEmpty) }
  }

  @Test("go on from rank 0's checkpoint, also where rank 0 has moved to another host", arguments: [0, 1])
  func resumed(turn: Int) throws {
    let apart = try Apart()
    var command = apart.train()
    command.variables = Self.stopAtTen
    try #require(try command.run().status == 85)
    #expect(apart.checkpoints(1).isEmpty)
    let newest = try #require(apart.checkpoints(0).last)
    let outcome = try apart.train("--resume", "auto", turn: turn).run()
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("resumed after step"), "\(outcome.error)")
    #expect(outcome.error.contains("to 1 other disk"), "\(outcome.error)")
    #expect(try apart.hash(turn) == Self.alone.get())
    let other = apart.checkpoints(1 - turn)
    #expect(turn == 0 ? other == [newest] : other.last == newest, "\(other)")
  }

  @Test("bring what each of them has for itself to rank 0, and take it back")
  func ownState() throws {
    let reduction = "reduction={kind: ring, every: 4, outer: {learning_rate: 0.7, momentum: 0.9, nesterov: true}}"
    let together = try TinyRun()
    try #require(try together.train("--set", reduction, ranks: 2).run().status == 0)
    let apart = try Apart()
    var command = apart.train("--set", reduction)
    command.variables = Self.stopAtTen
    try #require(try command.run().status == 85)
    let outcome = try apart.train("--set", reduction, "--resume", "auto").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(try apart.hash(0) == together.weightsHash)
  }

  @Test("begin anew without what any of them has left")
  func anew() throws {
    let apart = try Apart()
    var command = apart.train()
    command.variables = Self.stopAtTen
    try #require(try command.run().status == 85)
    try #require(try apart.train(turn: 1).run().status == 0)
    #expect(apart.checkpoints(0).isEmpty && !apart.checkpoints(1).isEmpty)
  }

  @Test("get the rows, the vocabulary and the model from rank 0, where the recipe says so")
  func streamed() throws {
    let apart = try Apart(files: ["tiny.yaml"])
    let outcome = try apart.train("--set", "data.streamed=true").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(try apart.hash(0) == Self.alone.get())
    #expect(apart.run.folder.contents(below: "host-1").keys.sorted() == ["tiny.yaml"])
    let refused = try apart.train().run()
    #expect(refused.status == 2 && refused.complaints.count == 1, "\(refused.error)")
    #expect(refused.error.contains("rank 1: ") && refused.error.contains("vocab.txt"), "\(refused.error)")
  }

  @Test(
    "get every file of a table from rank 0, also where it alone knows what a pattern matches", arguments: [false, true])
  func streamedParts(isPattern: Bool) throws {
    let apart = try Apart(files: ["tiny.yaml"])
    let lines = try apart.run.folder.read("train.tsv").split(separator: "\n")
    for index in 0..<12 {
      let part = [lines[0]] + lines[(1 + 8 * index)..<(9 + 8 * index)]
      try apart.run.folder.write(part.joined(separator: "\n") + "\n", to: "host-0/\(100 + index)/rows.tsv")
    }
    let paths = (0..<12).map { "\(100 + $0)/rows.tsv" }
    let source = isPattern ? "1*/rows.tsv" : "[\(paths.joined(separator: ", "))]"
    let outcome = try apart.train("--set", "data.streamed=true", "--set", "data.train=\(source)").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(try apart.hash(0) == Self.alone.get())
  }

  @Test("are refused where they would read other rows than rank 0")
  func otherRows() throws {
    let apart = try Apart()
    let table = try apart.run.folder.read("host-1/dev.tsv")
    try apart.run.folder.write(table + table.split(separator: "\n")[1] + "\n", to: "host-1/dev.tsv")
    let outcome = try apart.train().run()
    #expect(outcome.status == 78, "\(outcome.error)")
    #expect(outcome.error.contains("rank 1") && outcome.error.contains("another dev.tsv"), "\(outcome.error)")
  }
}
