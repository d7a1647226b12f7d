import Foundation
import Testing

@Suite("Rows in other files than one with a header")
struct TableSourceTests {
  /// The weights of a run on plain files.
  private static let plain = Result {
    let run = try TinyRun()
    let outcome = try run.train().run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return try #require(run.weightsHash)
  }

  /// A run whose training rows lie in `part-1.tsv.gz` and `part-2.tsv`, and nowhere else.
  private func parted() throws -> TinyRun {
    let run = try TinyRun()
    let lines = try run.folder.read("train.tsv").split(separator: "\n")
    try run.folder.write(lines.prefix(41).joined(separator: "\n") + "\n", to: "part-1.tsv")
    try run.folder.write(([lines[0]] + lines.dropFirst(41)).joined(separator: "\n") + "\n", to: "part-2.tsv")
    try Self.gzip("part-1.tsv", in: run)
    try run.folder.remove("train.tsv")
    return run
  }

  private static func gzip(_ name: String, in run: TinyRun) throws {
    let outcome = try Shell.run(
      "/bin/gzip", [name], directory: run.folder.path, environment: [:], input: "", seconds: 60, whileRunning: { _ in })
    try #require(outcome.status == 0, "\(outcome.error)")
  }

  @Test(
    "give the weights that one file gives",
    arguments: ["[part-1.tsv.gz, part-2.tsv]", "part-*", "[part-?.tsv.gz, part-2.tsv]"])
  func parts(source: String) throws {
    let run = try parted()
    let outcome = try run.train("--set", "data.train=\(source)").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(try run.weightsHash == Self.plain.get())
  }

  @Test("give the weights that the same rows give with a header")
  func headerless() throws {
    let run = try TinyRun()
    for name in ["train.tsv", "dev.tsv"] {
      let lines = try run.folder.read(name).split(separator: "\n").dropFirst()
      try run.folder.write(lines.joined(separator: "\n") + "\n", to: name)
    }
    let wrong = try run.train().run()
    #expect(wrong.status == 2 && wrong.error.contains("train.tsv: has no column \"sentence\""), "\(wrong.error)")
    #expect(wrong.error.contains("or set data.header: false and number the columns from 0"), "\(wrong.error)")
    let outcome = try run.train("--set", "data.header=false", "--set", "data.columns={text: 0, label: 1}").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(try run.weightsHash == Self.plain.get())
    let model = "out/models/best"
    let refused = try Command("evaluate", model, "dev.tsv", in: run.folder).run()
    #expect(refused.status == 2 && refused.error.contains("or set --no-header"), "\(refused.error)")
    let figures = try Command(
      "evaluate", model, "dev.tsv", "--no-header", "--text", "0", "--label", "1", in: run.folder
    ).run()
    #expect(try object(figures.output)["rows"] as? Int == TinyRun.validationRows, "\(figures)")
    let predictions = try Command(
      "predict", model, "--input", "dev.tsv", "--no-header", "--text", "0", in: run.folder
    ).run()
    #expect(predictions.output.split(separator: "\n").count == TinyRun.validationRows, "\(predictions.error)")
  }

  @Test("are evaluated and predicted as one table")
  func evaluated() throws {
    let run = try parted()
    let train = try run.train("--set", "data.train=part-*", "--set", "steps=2", "--set", "schedule.warmup=0").run()
    try #require(train.status == 0, "\(train.error)")
    let figures = try Command("evaluate", "out/models/last", "part-*", in: run.folder).run()
    #expect(try object(figures.output)["rows"] as? Int == TinyRun.rows, "\(figures)")
    let predictions = try Command("predict", "out/models/last", "--input", "part-1.tsv.gz", in: run.folder).run()
    #expect(predictions.output.split(separator: "\n").count == 40, "\(predictions.error)")
  }

  @Test("are named with their line where one of them is wrong, and so is a pattern that matches nothing")
  func wrong() throws {
    let run = try parted()
    let text = try run.folder.read("part-2.tsv")
    try run.folder.write(text + "fine\t7\n", to: "part-2.tsv")
    let label = try run.train("--set", "data.train=part-*").run()
    #expect(label.status == 2 && label.error.contains("part-2.tsv, line \(TinyRun.rows - 40 + 2)"), "\(label.error)")
    let none = try run.train("--set", "data.train=parts-*.tsv").run()
    #expect(none.status == 2 && none.error.contains("parts-*.tsv: no file matches this pattern"), "\(none.error)")
    #expect(none.complaints.count == 1)
  }
}
