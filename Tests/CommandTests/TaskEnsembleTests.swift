import Foundation
import Testing

/// Predictions of several models of each task, put together.
@Suite("An ensemble")
struct TaskEnsembleTests {
  /// Two models of one task, and what they predict.
  /// - Parameter options: of predictions as JSON lines.
  private func predicted(_ form: TaskRunTests.Form, inLines options: [String] = []) throws -> TinyRun {
    let run = try TaskRunTests.run(form)
    let columns = form.readOptions
    for (name, seed) in [("a", "1"), ("b", "2")] {
      let outcome = try run.train("--set", "steps=3", "--set", "seed=\(seed)", "--output", name).run()
      try #require(outcome.status == 0, "\(outcome.error)")
      for ending in ["jsonl", "csv"] {
        let predict = ["predict", "\(name)/models/last", "--input", "dev.jsonl", "--output", "\(name).\(ending)"]
        let outcome = try run.command(predict + columns + (ending == "jsonl" ? options : []))
        try #require(outcome.status == 0, "\(outcome.error)")
      }
    }
    return run
  }

  /// Each line of the mean of both, with weights of 1 and 3, and those of the models that it is the mean of.
  private func averaged(_ run: TinyRun) throws -> [(line: Substring, models: [Substring])] {
    let both = try run.command(["ensemble", "a.jsonl", "b.jsonl", "--weights", "1,3"])
    try #require(both.status == 0, "\(both.error)")
    let files = try ["a.jsonl", "b.jsonl"].map { try run.folder.read($0).split(separator: "\n") }
    let lines = both.output.split(separator: "\n")
    #expect(lines.count == 16)
    return lines.enumerated().map { place, line in (line, files.map { $0[place] }) }
  }

  /// The numbers of a line in their order.
  private func numbers(_ line: Substring) throws -> [Double] {
    let object = try object(line)
    if let probabilities = object["probabilities"] as? [Double] { return probabilities }
    if let values = object["values"] as? [String: Double] { return values.sorted { $0.key < $1.key }.map(\.value) }
    return [try #require((object["value"] ?? object["similarity"]) as? Double)]
  }

  /// Those whose rows are answered as a whole.
  private static let forms = TaskRunTests.forms.filter {
    form in !["token-classification", "span-answer"].contains { form.task.contains($0) }
  }

  @Test("of one model is what the model predicts, to the byte; of two it is their mean", arguments: forms)
  func means(form: TaskRunTests.Form) throws {
    let run = try predicted(form)
    for (input, output) in [("a.jsonl", "alone.jsonl"), ("a.jsonl", "alone.csv"), ("a.csv", "table.csv")] {
      // A table holds no thresholds.
      if form.name == "lists of labels", input == "a.csv" { continue }
      let alone = try run.command(["ensemble", input, "--output", output])
      try #require(alone.status == 0, "\(alone.error)")
      let ending = output.hasSuffix("csv") ? "csv" : "jsonl"
      #expect(try run.folder.read(output) == run.folder.read("a.\(ending)"), "\(input) as \(output)")
    }
    for (line, models) in try averaged(run) {
      let (first, second) = (try numbers(models[0]), try numbers(models[1]))
      let wanted = zip(first, second).map { ($0 + 3 * $1) / 4 }
      let own = try numbers(line)
      #expect(own.count == wanted.count && zip(own, wanted).allSatisfy { abs($0 - $1) < 1e-12 * max(1, abs($1)) })
      #expect(try object(line).keys.sorted() == object(models[0]).keys.sorted())
    }
    #expect(try run.command(["ensemble", "a.jsonl", "b.jsonl", "--vote"]).status == (hasVotes(form) ? 0 : 2))
  }

  private func hasVotes(_ form: TaskRunTests.Form) -> Bool {
    form.answer.contains("lab") || form.answer.contains("cla")
  }

  @Test("of models of words averages the probabilities of each word, and of one model is what it predicts")
  func words() throws {
    let run = try predicted(TaskRunTests.forms[10], inLines: ["--probabilities"])
    for (output, wanted) in [("alone.jsonl", "a.jsonl"), ("alone.csv", "a.csv")] {
      let alone = try run.command(["ensemble", "a.jsonl", "--output", output])
      try #require(alone.status == 0, "\(alone.error)")
      #expect(try run.folder.read(output) == run.folder.read(wanted))
    }
    for (line, models) in try averaged(run) {
      func probabilities(_ line: Substring) throws -> [[Double]] {
        try #require(object(line)["probabilities"] as? [[Double]])
      }
      let (first, second, own) = try (probabilities(models[0]), probabilities(models[1]), probabilities(line))
      let names = try #require(object(line)["classes"] as? [String])
      let tags = try #require(object(line)["tags"] as? [String])
      #expect(own.count == first.count && tags.count == own.count)
      for (word, numbers) in own.enumerated() {
        let wanted = zip(first[word], second[word]).map { ($0 + 3 * $1) / 4 }
        #expect(zip(numbers, wanted).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(numbers.firstIndex(of: numbers.max() ?? 0).map { names[$0] } == tags[word])
      }
    }
    for (arguments, problem) in [
      (["ensemble", "a.csv", "b.jsonl"], "holds the tags of words without their probabilities"),
      (["ensemble", "a.jsonl", "--vote"], "has tags of words, which are not voted for"),
      (["predict", "a/models/last", "--text", "a film", "--probabilities", "--output", "x.csv"], "is for JSON lines"),
    ] {
      let outcome = try run.command(arguments)
      #expect(outcome.status == 2 && outcome.error.contains(problem), "\(outcome)")
    }
    let broken = try run.folder.read("b.jsonl").replacing(/"places": \[\[0, \d+\]/, with: "\"places\": [[0, 9000]")
    try run.folder.write(broken, to: "broken.jsonl")
    let outcome = try run.command(["ensemble", "a.jsonl", "broken.jsonl"])
    #expect(outcome.status == 2 && outcome.error.contains("that do not belong together"), "\(outcome)")
  }

  @Test("of models of two tasks is refused, and so are votes and stacks of what has none")
  func refused() throws {
    let (values, pairs) = try (predicted(TaskRunTests.forms[0]), predicted(TaskRunTests.forms[6]))
    try values.folder.write(try predicted(TaskRunTests.forms[10]).folder.read("a.jsonl"), to: "words.jsonl")
    try values.folder.write(try predicted(TaskRunTests.forms[15]).folder.read("a.jsonl"), to: "answers.jsonl")
    try values.folder.write(try pairs.folder.read("a.jsonl"), to: "pairs.jsonl")
    for (arguments, problem) in [
      (["a.jsonl", "pairs.jsonl"], "pairs.jsonl has the values \"similarity\", and a.jsonl \"value\""),
      (["words.jsonl", "words.jsonl"], "words.jsonl, line 1, holds the tags of words"),
      (["answers.jsonl", "answers.jsonl"], "answers.jsonl, line 1, holds answers in a text"),
      (["a.jsonl", "--vote"], "--vote is given, and a.jsonl has values, which are not voted for; leave it out"),
      (["a.jsonl", "--out-of-fold", "b.jsonl"], "--out-of-fold is given, and b.jsonl has values"),
    ] {
      let outcome = try values.command(["ensemble"] + arguments)
      #expect(outcome.status == 2 && outcome.output == "" && outcome.error.contains(problem), "\(outcome)")
    }
  }
}
