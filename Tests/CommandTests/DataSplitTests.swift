import Foundation
import Testing

@Suite("Validation rows that are split off")
struct DataSplitTests {
  /// A run whose recipe splits a third of the training rows off.
  private func run(_ split: String = "0.25") throws -> TinyRun {
    let run = try TinyRun()
    try run.changeRecipe("  validation: dev.tsv", "  split: \(split)")
    return run
  }

  private func check(_ run: TinyRun, _ settings: String...) throws -> [String: Any] {
    var command = Command("recipe", "check", run.recipe, "--json", in: run.folder)
    command.arguments += settings.flatMap { ["--set", $0] }
    let outcome = try command.run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return try object(outcome.output)
  }

  @Test("are the same on any number of ranks, and never trained on", .enabled(if: Command.hasLauncher))
  func ranks() throws {
    let runs = [try run(), try run(), try run()]
    for (run, ranks) in zip(runs, [nil, 2, 3]) {
      let outcome = try run.train(ranks: ranks).run()
      try #require(outcome.status == 0, "\(outcome.error)")
    }
    #expect(runs[0].weightsHash != nil && Set(runs.map(\.weightsHash)).count == 1)
    #expect(runs[0].evaluations.allSatisfy { $0["rows"] as? Int == 24 }, "\(runs[0].evaluations)")
    let audit = try Command("audit", "out", in: runs[0].folder).run()
    #expect(audit.status == 0 && audit.output.contains("72 of 72 samples, each used exactly once"), "\(audit.output)")
    let report = try Command("report", "out", in: runs[0].folder).run()
    #expect(report.status == 0)
    let page = try runs[0].folder.read("report.html")
    #expect(page.contains("Confusion matrix") && !page.contains("no validation rows"))
  }

  @Test("are counted, and so are those whose texts are trained on")
  func counted() throws {
    let run = try run()
    let summary = try check(run)
    #expect(summary["rows"] as? Int == 72 && summary["validation_rows"] as? Int == 24)
    let lines = try run.folder.read("train.tsv").split(separator: "\n")
    try run.folder.write(
      ([lines[0]] + lines.dropFirst() + lines.dropFirst()).joined(separator: "\n") + "\n", to: "train.tsv")
    let doubled = try check(run)
    let shared = try #require(doubled["shared_rows"] as? Int)
    #expect(shared > 10)
    let warnings = (doubled["warnings"] as? [String] ?? []).joined(separator: "\n")
    #expect(warnings.contains("\(shared) of 48 validation rows") && warnings.contains("remove rows that repeat others"))
  }

  @Test("keep the rows of a group on one side")
  func grouped() throws {
    let run = try run("{fraction: 0.25, group: author}")
    let lines = try run.folder.read("train.tsv").split(separator: "\n")
    let rows = lines.dropFirst().enumerated().map { "\($1)\t\($0 / 16)" }
    try run.folder.write((["\(lines[0])\tauthor"] + rows).joined(separator: "\n") + "\n", to: "train.tsv")
    for settings in [["data.limit=96"], ["data.split=0.25", "data.columns.group=author"]] {
      var command = Command("recipe", "check", run.recipe, "--json", in: run.folder)
      command.arguments += settings.flatMap { ["--set", $0] }
      let summary = try object(command.run().output)
      let (train, validation) = (summary["rows"] as? Int ?? 0, summary["validation_rows"] as? Int ?? 0)
      #expect(train + validation == 96 && validation % 16 == 0 && 16...32 ~= validation, "\(summary)")
    }
    let folds = try run.train(
      "--folds", "7", "--set", "steps=2", "--set", "data.split=null", "--set", "data.columns.group=author"
    ).run()
    #expect(folds.status == 2 && folds.error.contains("does not cut 6 groups of rows"), "\(folds.error)")
  }

  @Test(
    "are refused where the recipe is of two minds",
    arguments: [
      (["data.validation=dev.tsv"], "data.split is given next to data.validation; keep one of them"),
      (["data.split=1"], "data.split is 1; give the part of the rows to validate on"),
      (["data.split=0"], "data.split is 0; give a number above 0"),
      (["data.split={fraction: 2}"], "data.split.fraction is 2"),
      (["data.split={group: a}", "data.columns.group=b"], "data.columns.group is given next to data.split.group"),
      (["data.split={group: author}"], "has no column \"author\""),
      (["data.split={group: label}", "data.limit=1"], "training needs two classes or more"),
    ])
  func refusals(settings: [String], words: String) throws {
    let run = try run()
    var command = Command("recipe", "check", run.recipe, in: run.folder)
    command.arguments += settings.flatMap { ["--set", $0] }
    let outcome = try command.run()
    #expect(outcome.status == 2 && outcome.error.contains(words), "\(outcome)")
  }
}
