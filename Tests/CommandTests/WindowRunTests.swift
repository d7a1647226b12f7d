import Foundation
import Testing

/// Runs that read long rows in windows, from a table to predictions.
@Suite("Long rows in windows")
struct WindowRunTests {
  struct Form: Sendable, CustomTestStringConvertible {
    let kind: String
    let columns: String
    let options: [String]
    let label: @Sendable (Int) -> String
    var testDescription: String { kind }
  }

  static let forms = [
    Form(kind: "single-label", columns: "{text: t, label: l}", options: ["--label", "l"]) { "\"l\": \"c\($0 % 3)\"" },
    Form(kind: "regression", columns: "{text: t, label: l}", options: ["--label", "l"]) {
      "\"l\": \(Double($0 % 7) * 1.5)"
    },
    Form(kind: "multi-label", columns: "{text: t, label: [p, q]}", options: ["--label", "p,q"]) {
      "\"p\": \($0 % 2), \"q\": \($0 % 3 == 0 ? 1 : 0)"
    },
  ]

  private static let words = [
    "a", "fine", "film", "dull", "plot", "good", "fun", "bad", "jokes", "and", "worse", "long", "scenes",
  ]

  /// 1 to 39 words.
  private static func text(_ row: Int) -> String {
    (0..<1 + 7 * row % 39).map { words[(3 * row + $0 * $0) % words.count] }.joined(separator: " ")
  }

  private func run(_ form: Form) throws -> TinyRun {
    let run = try TinyRun()
    try run.read(
      { "{\"t\": \"\(Self.text($0))\", \(form.label($0))}" }, columns: form.columns, task: "{kind: \(form.kind)}")
    // Random weights whose scores differ from text to text.
    try run.changeRecipe("intermediate_size: 64}", "intermediate_size: 64, initializer_range: 0.3}")
    try run.changeRecipe("maximum_length: 24", "maximum_length: 12\n  windows: {stride: 3}")
    return run
  }

  @Test("are trained on, are evaluated to what the run logged, and are predicted", arguments: forms)
  func endToEnd(form: Form) throws {
    let run = try run(form)
    let trained = try run.train().run()
    #expect(trained.status == 0, "\(trained.error)")
    // Rows of more than 10 words; the longest have 39, and each window behind the first has 7 more.
    let long = (0..<48).count { 1 + 7 * $0 % 39 > 10 }
    #expect(
      trained.error.contains("\(long) of 48 training rows")
        && trained.error.contains("are longer than 12 tokens and are read in windows, up to 6 a row"),
      "\(trained.error)")
    #expect(!trained.error.contains("are cut;") && trained.error.contains("averaged here alone"), "\(trained.error)")
    let logged = try #require(run.evaluations.last)
    func loss() throws -> [String: Any] {
      let evaluated = try run.command(["evaluate", "out/models/last", "dev.jsonl", "--text", "t"] + form.options)
      #expect(evaluated.status == 0, "\(evaluated.error)")
      return try object(evaluated.output)
    }
    let figures = try loss()
    for (name, value) in figures where name != "rows" {
      guard let other = logged[name] as? Double, let value = value as? Double else { continue }
      #expect(
        abs(value - other) <= (name == "loss" ? 1e-5 : 1e-3) * max(1, abs(other)), "\(name): \(value), logged \(other)")
    }
    let predicted = try run.command(
      ["predict", "out/models/last", "--input", "dev.jsonl", "--text", "t", "--scores", "--output", "p.jsonl"])
    #expect(predicted.status == 0 && predicted.error.contains("are read in windows"), "\(predicted.error)")
    let lines = try run.folder.read("p.jsonl").split(separator: "\n").map { try object($0) }
    let widths = Set(lines.compactMap { ($0["scores"] as? [Any])?.count })
    #expect(lines.count == 16 && widths == [form.kind == "regression" ? 1 : form.kind == "multi-label" ? 2 : 3])
    // The folder says it: without its key rows are cut, and the figures are others.
    let path = "out/models/last/config.json"
    var configuration = try run.folder.json(path)
    #expect(configuration.removeValue(forKey: "lockstep_windows") as? [String: Int] == ["stride": 3])
    try run.folder.write([UInt8](JSONSerialization.data(withJSONObject: configuration)), to: path)
    let plain = try run.train("--set", "data.windows=null", "--set", "steps=1", "--output", "plain").run()
    #expect(
      plain.error.contains("are cut; raise data.maximum_length, or read them in windows (data.windows)"),
      "\(plain.error)")
    let cut = try #require(loss()["loss"] as? Double)
    #expect(abs(cut - (figures["loss"] as? Double ?? cut)) > 1e-3)
  }

  @Test("give the same weights on two ranks, and a run is continued with the stride it began with")
  func ranksAndResumption() throws {
    let run = try run(Self.forms[0])
    try #require(try run.train("--set", "steps=8").run().status == 0)
    let hash = try #require(run.weightsHash)
    if Command.hasLauncher {
      try #require(try run.train("--set", "steps=8", "--output", "two", ranks: 2).run().status == 0)
      #expect(try run.folder.json("two/summary.json")["weights_sha256"] as? String == hash)
    }
    let other = try run.train("--resume", "auto", "--set", "data.windows.stride=2").run()
    #expect(
      other.status == 2 && other.error.contains("data.windows.stride was 3"), "\(other.error)")
    let continued = try run.train(
      "--set", "model={from: out/models/last}", "--set", "data.windows=null", "--set", "steps=1", "--output", "next"
    ).run()
    #expect(
      continued.status == 0 && continued.error.contains("was trained on windows of long rows (stride 3)"),
      "\(continued.error)")
  }

  @Test("change no bit of a run in which no row is long")
  func bits() throws {
    let run = try TinyRun()
    let hashes = try [["out"], ["windowed", "--set", "data.windows={stride: 8}"]].map { arguments in
      var command = run.train("--set", "data.maximum_length=128", "--set", "steps=10")
      command.arguments += ["--output"] + arguments
      let outcome = try command.run()
      try #require(outcome.status == 0, "\(outcome.error)")
      return try run.folder.json("\(arguments[0])/summary.json")["weights_sha256"] as? String
    }
    #expect(hashes[0] != nil && hashes[0] == hashes[1])
  }

  private static let refusals: [([String], String)] = [
    (["data.windows={stride: 10}"], "data.windows.stride is 10, and a row of 12 tokens has room for 10 of a text"),
    (["data.windows={strid: 2}"], "data.windows.strid is not a known key"),
    (["data.windows.stride=-1"], "data.windows.stride is -1"),
    (["data.doc_stride=4"], "data.windows.stride"),
    (["data.truncation=longest_first"], "data.truncation has no effect: it is for rows that are cut"),
    (
      ["task.kind=multiple-choice", "data.columns.options=[o]"],
      "data.windows is for tasks that score a row as a whole or its words"
    ),
    (["task={}", "data.columns.options=[o]"], "and the task is multiple-choice; leave it out"),
    (["task={kind: similarity}", "data.columns.pair=p"], "and the task is similarity; leave it out"),
    (
      ["data.columns.pair=p"],
      "train.jsonl, line 49: the first text has 9 tokens, which leaves room for 0 of the second"
    ),
    (["data.maximum_length=6", "data.columns.text=p"], "train.jsonl, line 49: the text is 261 windows long"),
  ]

  @Test("are refused by name where they make no sense, with what to do", arguments: refusals)
  func refused(settings: [String], problem: String) throws {
    let run = try run(Self.forms[0])
    let rows = try run.folder.read("train.jsonl").replacingOccurrences(of: "{\"t\"", with: "{\"p\": \"x\", \"t\"")
    let last = "{\"t\": \"a a a a a a a a a\", \"p\": \"\(String(repeating: "b ", count: 264))\", \"l\": \"c0\"}\n"
    // Short first texts, so that the last row is the one that is refused.
    let lines = rows.split(separator: "\n").map { $0.replacing(/"t": "[^"]*"/, with: "\"t\": \"y\"") + "\n" }
    try run.folder.write(lines.joined() + last, to: "train.jsonl")
    var command = run.train()
    command.arguments += settings.flatMap { ["--set", $0] }
    let outcome = try command.run()
    #expect(outcome.status == 2 && outcome.error.contains(problem), "\(outcome.error)")
    #expect(outcome.error.contains("; "))
  }

  @Test("are refused of images, and in a model's folder that does not say how")
  func folders() throws {
    let run = try run(Self.forms[1])
    try run.folder.write(
      "model: {kind: image-classifier, configuration: {}}\ndata: {train: {images: a, labels: b}, windows: {}}\n",
      to: "images.yaml")
    let images = try run.command(["recipe", "check", "images.yaml"])
    #expect(
      images.status == 2 && images.error.contains("data.windows has no effect: it is for texts"), "\(images.error)")
    try #require(try run.train("--set", "steps=1").run().status == 0)
    let path = "out/models/last/config.json"
    for (value, problem) in [
      (["stride": -1] as Any, "does not say how many tokens"), ("yes", "does not say how many tokens"),
      (["stride": 10], "lockstep_windows.stride is 10, and rows have 12 tokens"),
    ] {
      var configuration = try run.folder.json(path)
      configuration["lockstep_windows"] = value
      try run.folder.write([UInt8](JSONSerialization.data(withJSONObject: configuration)), to: path)
      let outcome = try run.command(["predict", "out/models/last", "--text", "a film"])
      #expect(outcome.status == 2 && outcome.error.contains(problem), "\(outcome.error)")
    }
  }
}
