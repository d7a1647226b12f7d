import Foundation
import Testing

@Suite("A drafted recipe")
struct InitTests {
  /// A folder with a small trained model in `model` and the rows of a tiny run.
  private func prepared() throws -> TinyRun {
    let run = try TinyRun()
    let outcome = try run.train("--set", "steps=2", "--set", "schedule.warmup=0").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    try FileManager.default.moveItem(atPath: run.folder.path + "/out/models/last", toPath: run.folder.path + "/model")
    try run.folder.remove("out")
    return run
  }

  @Test("trains, evaluates and predicts without a change", arguments: [["--validation", "dev.tsv"], []])
  func trains(validation: [String]) throws {
    let run = try prepared()
    var draft = Command("init", "train.tsv", "--model", "model", in: run.folder)
    draft.arguments += validation
    let drafted = try draft.run()
    try #require(drafted.status == 0, "\(drafted.error)")
    #expect(drafted.output.contains("task: single-label; columns: text sentence, label label"), "\(drafted.output)")
    let check = try run.command(["recipe", "check", "recipe.yaml", "--json"])
    try #require(check.status == 0, "\(check.error)")
    let summary = try object(check.output)
    #expect(summary["rows"] as? Int == (validation.isEmpty ? TinyRun.rows - 10 : TinyRun.rows))
    #expect(summary["validation_rows"] as? Int == (validation.isEmpty ? 10 : TinyRun.validationRows))
    try runCommands(of: "recipe.yaml", in: run)
  }

  /// The commands in the first lines of a draft, as they stand there.
  private func runCommands(of recipe: String, in run: TinyRun) throws {
    let lines = try run.folder.read(recipe).split(separator: "\n").filter { $0.hasPrefix("#   lockstep ") }
    #expect(lines.map { $0.split(separator: " ")[2] } == ["recipe", "train", "evaluate", "predict"], "\(lines)")
    for line in lines {
      let words = line.dropFirst("#   lockstep ".count)
      let outcome = try Shell.run(
        "bash", ["-c", "exec \"$0\" \(words)", Command.program], directory: run.folder.path,
        environment: ["XDG_CACHE_HOME": run.folder.path + "/cache"], seconds: 120)
      #expect(outcome.status == 0, "\(line): \(outcome.error)")
    }
    #expect(try run.folder.read("predictions.csv").hasPrefix("id,label,"))
  }

  @Test("reads tables as they are: no header, gzip, another encoding, strange names")
  func tables() throws {
    let run = try prepared()
    let lines = try run.folder.read("train.tsv").split(separator: "\n").dropFirst()
    try run.folder.write(lines.joined(separator: "\n") + "\n", to: "plain.tsv")
    try run.folder.write("#1 \"Text\": {x}\tis good?\n" + lines.joined(separator: "\n") + "\n", to: "odd names.tsv")
    let european =
      "v1,v2\n"
      + lines.map { line in
        let fields = line.split(separator: "\t")
        return "\(fields[1] == "1" ? "ham" : "spam"),\"\(fields[0].replacing("\"", with: "")) caf~\""
      }.joined(separator: "\n") + "\n"
    try run.folder.write(european.utf8.map { $0 == UInt8(ascii: "~") ? 0xE9 : $0 }, to: "latin.csv")
    for (index, name) in ["plain.tsv", "odd names.tsv", "latin.csv"].enumerated() {
      let draft = try run.command(["init", name, "--model", "model", "--output", "\(index).yaml"])
      try #require(draft.status == 0, "\(name): \(draft.error)")
      let check = try run.command(["recipe", "check", "\(index).yaml", "--json"])
      #expect(check.status == 0, "\(name): \(check.error)")
      #expect(try object(check.output)["rows"] as? Int == TinyRun.rows - 10, "\(name)")
      try runCommands(of: "\(index).yaml", in: run)
    }
  }

  @Test("takes the place of no other, unless it is told to")
  func existing() throws {
    let run = try TinyRun()
    let before = try run.folder.read(run.recipe)
    let refused = try run.command(["init", "train.tsv", "--output", run.recipe])
    #expect(refused.status == 2 && refused.error.contains("tiny.yaml: exists already"), "\(refused.error)")
    #expect(try run.folder.read(run.recipe) == before)
    let forced = try run.command(["init", "train.tsv", "--output", run.recipe, "--force"])
    #expect(forced.status == 0, "\(forced.error)")
    #expect(try run.folder.read(run.recipe).contains("from: models/all-MiniLM-L6-v2"))
  }

  @Test(
    "is not written for a file without texts or labels", arguments: ["vocab.txt", "no.tsv", "numbers.csv", "model"])
  func refused(name: String) throws {
    let run = try TinyRun()
    try run.folder.write("a,b\n1,2\n3,4\n", to: "numbers.csv")
    let outcome = try run.command(["init", name])
    #expect(outcome.status == 2 && outcome.complaints.count == 1 && outcome.error.contains(name), "\(outcome.error)")
    #expect(!run.folder.contains("recipe.yaml"))
  }
}
