import Foundation
import Testing

/// Runs of tasks other than one class a row, from a table to predictions.
@Suite("A task")
struct TaskRunTests {
  /// A run of the rows of a form.
  static func run(_ form: Form) throws -> TinyRun {
    let run = try TinyRun()
    try run.read(form.row, columns: form.columns, task: form.task)
    return run
  }

  @Test("trains, is evaluated to what its run logged, and predicts", arguments: forms)
  func endToEnd(form: Form) throws {
    let run = try Self.run(form)
    let trained = try run.train().run()
    #expect(trained.status == 0, "\(trained.error)")
    #expect(run.metrics.compactMap { $0["gradient_norm"] as? Double }.contains { $0 > 0 }, "nothing is learned")
    let logged = try #require(run.evaluations.last)
    let evaluated = try run.command(["evaluate", "out/models/last", "dev.jsonl"] + form.options)
    #expect(evaluated.status == 0, "\(evaluated.error)")
    let figures = try object(evaluated.output)
    for (name, value) in figures where name != "rows" {
      guard let other = logged[name] as? Double, let value = value as? Double else { continue }
      // A correlation of predictions that hardly differ hangs on the rounding of the head that has the unit in it.
      let tolerance = name == "loss" ? 1e-5 : 1e-3
      #expect(abs(value - other) <= tolerance * max(1, abs(other)), "\(name): \(value), logged \(other)")
    }
    #expect(figures["loss"] as? Double != nil)
    let columns = form.readOptions
    let predicted = try run.command(["predict", "out/models/last", "--input", "dev.jsonl"] + columns)
    #expect(predicted.status == 0, "\(predicted.error)")
    let lines = predicted.output.split(separator: "\n")
    #expect(lines.count == 16 && lines[0].contains(form.answer), "\(lines.first ?? "")")
    let table = try run.command(["predict", "out/models/last", "--input", "dev.jsonl", "--output", "p.csv"] + columns)
    #expect(table.status == 0, "\(table.error)")
    let records = try run.folder.read("p.csv").split(separator: "\n")
    #expect(records.count == 17)
    // Commas in quoted cells separate nothing.
    let widths = records.map { $0.split(separator: "\"", omittingEmptySubsequences: false) }.map { parts in
      parts.indices.filter { $0.isMultiple(of: 2) }.reduce(0) { $0 + parts[$1].count { $0 == "," } }
    }
    #expect(Set(widths).count == 1, "\(records.prefix(3))")
    // Continued from its own export, the head is kept, in the unit of the new run.
    let again = try run.train(
      "--set", "model={from: out/models/last}", "--set", "optimizer.learning_rate=0", "--set", "steps=1", "--output",
      "again"
    ).run()
    #expect(again.status == 0 && !again.error.contains("random"), "\(again.error)")
    let kept = try run.command(["evaluate", "again/models/last", "dev.jsonl"] + form.options)
    let loss = try #require(object(kept.output)["loss"] as? Double)
    #expect(abs(loss - (figures["loss"] as? Double ?? 0)) < 1e-4 * max(1, abs(loss)))
  }

  @Test("is reported by class and with intervals, where it has classes")
  func reported() throws {
    for (index, hasClasses) in [(0, false), (4, true)] {
      let form = Self.forms[index]
      let run = try Self.run(form)
      try #require(try run.train("--set", "steps=4").run().status == 0)
      let command = ["evaluate", "out/models/last", "dev.jsonl", "--bootstrap", "50"] + form.options
      let bounded = try run.command(command)
      let figures = try object(bounded.output)
      let intervals = try #require(figures["intervals"] as? [String: [Any]], "\(bounded)")
      for (name, bounds) in intervals {
        guard let value = figures[name] as? Double, let low = bounds[0] as? Double, let high = bounds[1] as? Double
        else {
          continue
        }
        #expect(low <= high && low - 0.5 <= value && value <= high + 0.5, "\(name)")
      }
      #expect(try run.command(command).output == bounded.output)
      let report = try run.command(command + ["--report"])
      #expect(report.status == (hasClasses ? 0 : 2), "\(report.error)")
      #expect(
        hasClasses == (report.output.contains("macro avg") && report.output.contains("support")), "\(report.output)")
    }
  }

  /// A form, a row that is bad, where it stands, and what is said.
  static let bad: [(Int, String, String)] = [
    (0, "{\"t\": \"x\", \"score\": \"much\"}", "label \"much\" is not a number"),
    (0, "{\"t\": \"x\", \"score\": \"nan\"}", "label \"nan\" is not a number"),
    (0, "{\"t\": \"x\", \"score\": \"0x10\"}", "label \"0x10\" is not a number"),
    (0, "{\"t\": \"x\", \"score\": 1e400}", "a number out of range"),
    (0, "{\"t\": \"x\"}", "has no label in \"score\""),
    (1, "{\"t\": \"x\", \"a\": null, \"b\": null}", "has no label"),
    (2, "{\"t\": \"x\", \"a\": 1.5}", "label 1.5 is not from 0 to 1"),
    (4, "{\"t\": \"x\", \"p\": 2, \"q\": 0}", "label \"2\" of \"p\" is neither 0 nor 1"),
    (5, "{\"t\": \"x\", \"o\": [\"one\"], \"l\": \"A\"}", "has 1 option"),
    (6, "{\"t\": \"x\", \"p\": \"\", \"score\": 1}", "one text of the pair is empty"),
    (6, "{\"t\": \"x\", \"p\": \"y\", \"score\": \"much\"}", "label \"much\" is not a number"),
    (5, "{\"t\": \"x\", \"o\": [\"one\", \"two\"], \"l\": \"C\"}", "label \"C\" is not one of the row's 2 options"),
    (10, "{\"tokens\": [\"a\", \"b\"], \"tags\": [\"O\"]}", "has 1 tag for 2 words"),
    (10, "{\"tokens\": [\"a\"], \"tags\": [\"\"]}", "has an empty tag"),
    (10, "{\"tokens\": [\(String(repeating: "\"a\",", count: 10_000))\"b\"], \"tags\": []}", "has 10001 words"),
    (11, "{\"t\": \"x y\", \"spans\": [[2, 4, \"x\"]]}", "has a span from 2 to 4 in a text of 3 characters"),
    (11, "{\"t\": \"x y\", \"spans\": [[0, 1]]}", "has a span that is not [start, end, type]"),
    (11, "{\"t\": \"x y\", \"spans\": {\"x\": {\"y\": [[0, 0]]}}}", "has \"y\" at 0, where its text has \"x\""),
    (
      15, "{\"q\": \"x\", \"c\": \"ab\", \"a\": [{\"text\": \"b\", \"answer_start\": 7}]}",
      "has the answer \"b\" at 7 of a context of 2 characters"
    ),
    (
      15, "{\"q\": \"x\", \"c\": \"ab\", \"a\": {\"text\": [\"b\"], \"answer_start\": [0]}}",
      "has the answer \"b\" at 0, where its context has \"a\""
    ),
    (15, "{\"q\": \"x\", \"c\": \"ab\", \"a\": \"b\"}", "has answers that are not texts with their places"),
    (
      12, "{\"t\": \"x\", \"o\": [\"one\", \"two\"], \"l\": \"three\"}",
      "label \"three\" is not one of the row's 2 options"
    ),
  ]

  @Test("refuses a bad row with its file and line", arguments: bad)
  func badRows(form: Int, row: String, problem: String) throws {
    for (file, count) in [("train.jsonl", 48), ("dev.jsonl", 16)] {
      let run = try Self.run(Self.forms[form])
      if form == 4 { try run.changeRecipe("task: {asymmetric: {}}", "task: {kind: multi-label}") }
      if form == 0 { try run.changeRecipe("task: {}", "task: {kind: regression}") }
      try run.folder.write(try run.folder.read(file) + row + "\n", to: file)
      let outcome = try run.train().run()
      #expect(outcome.status == 2 && outcome.error.contains("\(file), line \(count + 1): "), "\(outcome.error)")
      #expect(outcome.error.contains(problem), "\(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    }
  }

  @Test("refuses targets that are all equal, and techniques of another task")
  func refused() throws {
    let run = try Self.run(Self.forms[0])
    let single = try run.train("--set", "techniques.label_smoothing={}").run()
    #expect(
      single.status == 2 && single.error.contains("techniques.label_smoothing is for single-label"), "\(single.error)")
    let key = try run.train("--set", "task.separator=;").run()
    #expect(
      key.status == 2
        && key.error.contains("task.separator belongs to multi-label, and the labels are read as regression"),
      "\(key.error)")
    let kind = try run.train("--set", "task.kind=regresion").run()
    #expect(kind.status == 2 && kind.error.contains("task.kind") && kind.error.contains("regression"), "\(kind.error)")
    try run.changeRecipe("task: {}", "task: {kind: regression}")
    try run.folder.write((0..<8).map { _ in "{\"t\": \"x\", \"score\": 3}\n" }.joined(), to: "train.jsonl")
    let equal = try run.train().run()
    #expect(equal.status == 2 && equal.error.contains("the same label 3.0 in every row"), "\(equal.error)")
  }

  @Test("refuses negatives of what is compared with nothing, and takes a key with a list of them")
  func negatives() throws {
    let run = try Self.run(Self.forms[9])
    for (settings, problem) in [
      (["task.loss=cosent"], "data.columns.negative belongs to infonce, and task.loss is cosent"),
      (["task={kind: regression}"], "data.columns.negative names texts that are compared with the row's text"),
      (["data.columns.pair=null"], "data.columns.negative is given without data.columns.pair"),
    ] {
      let outcome = try run.train("--set", settings[0]).run()
      #expect(outcome.status == 2 && outcome.error.contains(problem), "\(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1)
    }
    try #require(try run.train("--set", "steps=2").run().status == 0)
    let hash = try #require(run.weightsHash)
    for file in ["train.jsonl", "dev.jsonl"] {
      let lists = try run.folder.read(file).split(separator: "\n").map { line in
        let row = try object(line)
        let list = ["m", "n"].compactMap { row[$0] as? String }.filter { !$0.isEmpty }
        return "{\"t\": \"\(row["t"]!)\", \"p\": \"\(row["p"]!)\", \"score\": \(row["score"]!), \"n\": \(list)}\n"
      }
      try run.folder.write(lists.joined(), to: file)
    }
    let listed = try run.train("--set", "steps=2", "--set", "data.columns.negative=n", "--output", "lists").run()
    #expect(listed.status == 0, "\(listed.error)")
    #expect(try run.folder.json("lists/summary.json")["weights_sha256"] as? String == hash)
    let without = try run.train(
      "--set", "steps=2", "--set", "data.columns.negative=null", "--output", "without"
    ).run()
    #expect(without.status == 0, "\(without.error)")
    #expect(try run.folder.json("without/summary.json")["weights_sha256"] as? String != hash)
    let evaluated = try run.command([
      "evaluate", "out/models/last", "dev.jsonl", "--text", "t", "--pair", "p", "--label", "score",
    ])
    let harder = try run.command(
      ["evaluate", "out/models/last", "dev.jsonl", "--text", "t", "--pair", "p", "--label", "score", "--negative", "n"])
    // The loss is of the whole batch, whatever is computed at once.
    let first = try #require(run.losses.first)
    var other = run
    other.output = "other"
    try #require(try other.train("--set", "steps=1", "--set", "batch.microbatch=4").run().status == 0)
    #expect(abs((other.losses.first ?? .nan) - first) < 1e-5 * first)
    let losses = try [evaluated, harder].map { try #require(object($0.output)["loss"] as? Double, "\($0.error)") }
    #expect(losses[1] > losses[0], "\(losses)")
  }

  @Test("refuses an empty separator of labels, in a recipe and in a model")
  func emptySeparator() throws {
    let run = try Self.run(Self.forms[3])
    let empty = try run.train("--set", "task.separator=").run()
    #expect(empty.status == 2 && empty.error.contains("task.separator is empty"), "\(empty.error)")
    try #require(try run.train("--set", "task.separator=;", "--set", "steps=1").run().status == 0)
    let path = "out/models/last/config.json"
    let configuration = try run.folder.read(path)
    let separator = #/"separator"\s*:\s*";"/#
    try #require(configuration.contains(separator))
    try run.folder.write(configuration.replacing(separator, with: "\"separator\": \"\""), to: path)
    let predicted = try run.command(
      ["predict", "out/models/last", "--input", "dev.jsonl", "--text", "t"])
    #expect(predicted.status != 0 && predicted.error.contains("lockstep_task.form is not one"), "\(predicted.error)")
  }
}
