import Foundation
import Testing

@Suite("A run that starts from a trained classifier")
struct StartingHeadTests {
  /// A model whose classes have names, and rows of these names: 0 becomes the first, 1 the second of `labels`.
  private func started(names: [String], labels: [String]) throws -> TinyRun {
    let run = try TinyRun()
    let model = try TrainedModel(in: run)
    try model.changeConfiguration(
      "id2label", to: Dictionary(uniqueKeysWithValues: names.enumerated().map { (String($0), $1) }))
    try model.changeConfiguration(
      "label2id", to: Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) }))
    try run.folder.write(model.recipe.replacingOccurrences(of: "  labels: 2\n", with: ""), to: run.recipe)
    for file in ["train.tsv", "dev.tsv"] {
      let lines = try run.folder.read(file).split(separator: "\n").enumerated().map { index, line in
        index == 0 ? String(line) : line.dropLast() + labels[line.last == "1" ? 1 : 0]
      }
      try run.folder.write(lines.joined(separator: "\n") + "\n", to: file)
    }
    return run
  }

  private func train(_ run: TinyRun, _ more: String...) throws -> Shell.Outcome {
    var command = run.train("--set", "steps=10", "--set", "optimizer.learning_rate=0", "--set", "schedule.warmup=0")
    command.arguments += more
    return try command.run()
  }

  private func figures(_ run: TinyRun, _ model: String) throws -> [String: Any] {
    let outcome = try Command("evaluate", model, "dev.tsv", in: run.folder).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    return try object(outcome.output)
  }

  private func names(_ run: TinyRun, _ model: String) throws -> [String: String]? {
    try run.folder.json("\(model)/config.json")["id2label"] as? [String: String]
  }

  /// Class names of the model, labels of the rows, and what is said about them.
  static let kept: [([String], [String], String?)] = [
    (["positive", "negative"], ["negative", "positive"], nil),
    (["negative", "positive"], ["0", "1"], "0 is negative, 1 is positive"),
    (["LABEL_0", "LABEL_1"], ["0.0", "1.0"], nil),
    (["1", "5"], ["1", "5"], nil),
  ]

  @Test("keeps the order of its classes: without learning it stays the same model", arguments: kept)
  func keeps(classes: [String], labels: [String], note: String?) throws {
    let run = try started(names: classes, labels: labels)
    let before = try figures(run, "base")
    let outcome = try train(run)
    try #require(outcome.status == 0, "\(outcome.error)")
    if let note { #expect(outcome.error.contains(note), "\(outcome.error)") }
    #expect(!outcome.error.contains("random weights"), "\(outcome.error)")
    #expect(try names(run, "out/models/last") == names(run, "base"))
    let after = try figures(run, "out/models/last")
    #expect(after["loss"] as? Double == before["loss"] as? Double)
    #expect(after["accuracy"] as? Double == before["accuracy"] as? Double)
    #expect(run.evaluations.last?["accuracy"] as? Double == before["accuracy"] as? Double)
  }

  @Test("has a new head where the classes are others, and says so; evaluate takes the rows that training took")
  func renews() throws {
    let run = try started(names: ["negative", "positive"], labels: ["no", "yes"])
    let outcome = try train(run)
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.error.contains(
        "the head of base starts from random weights: its classes are negative, positive, and the rows' are no, yes"),
      "\(outcome.error)")
    #expect(try names(run, "out/models/last") == ["0": "no", "1": "yes"])
    #expect(try figures(run, "out/models/last")["rows"] as? Int == TinyRun.validationRows)

    let kept = try train(run, "--set", "model.head_weights=keep")
    #expect(kept.status == 2 && kept.error.contains("model.head_weights is keep"), "\(kept.error)")
  }

  @Test("has a new head if the recipe asks for it")
  func asked() throws {
    let run = try started(names: ["negative", "positive"], labels: ["negative", "positive"])
    try #require(train(run).status == 0)
    let hash = run.weightsHash
    let outcome = try train(run, "--set", "model.head_weights=new")
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("the head starts from random weights, as asked"), "\(outcome.error)")
    #expect(run.weightsHash != hash)
    #expect(try names(run, "out/models/last") == ["0": "negative", "1": "positive"])
  }

  @Test("refuses numbers that are neither its classes nor places among them")
  func numbers() throws {
    let run = try started(names: ["negative", "positive"], labels: ["-1", "1"])
    let outcome = try train(run)
    #expect(outcome.status == 2)
    #expect(
      outcome.error.contains(
        "model.from names its classes negative, positive, and the rows' labels are -1, 1; write the names as labels, or"
          + " their places 0 to 1, or set model.head_weights: new"), "\(outcome.error)")
    let evaluated = try Command("evaluate", "base", "dev.tsv", in: run.folder).run()
    #expect(evaluated.status == 2, "\(evaluated.error)")
    let places = "is not one of the places 0 to 1 of the classes \"negative\", \"positive\""
    #expect(evaluated.error.contains(places), "\(evaluated.error)")
  }

  @Test("takes rows of some of its classes if it is kept, and else has a head for those alone")
  func some() throws {
    let run = try started(names: ["negative", "positive"], labels: ["negative", "positive"])
    let lines = try run.folder.read("train.tsv").split(separator: "\n").prefix(41)
    try run.folder.write(
      lines.map { $0.replacingOccurrences(of: "\tnegative", with: "\tneutral") }.joined(separator: "\n") + "\n",
      to: "dev.tsv")
    try run.folder.write(
      (["sentence\tlabel"] + lines.dropFirst().map { "\($0)" }).joined(separator: "\n") + "\nx\tneutral\n",
      to: "train.tsv")
    let three = try train(run)
    try #require(three.status == 0, "\(three.error)")
    #expect(three.error.contains("the rows' are negative, neutral, positive"), "\(three.error)")
    // From the model of three classes on, rows of two.
    try FileManager.default.removeItem(atPath: run.folder.path + "/base")
    try FileManager.default.moveItem(
      atPath: run.folder.path + "/out/models/last", toPath: run.folder.path + "/base")
    try run.folder.write(
      lines.map { $0.replacingOccurrences(of: "\tnegative", with: "\tneutral") }.joined(separator: "\n") + "\n",
      to: "train.tsv")
    let two = try train(run)
    try #require(two.status == 0, "\(two.error)")
    #expect(two.error.contains("model.head_weights: keep would keep it"), "\(two.error)")
    #expect(try names(run, "out/models/last")?.count == 2)
    for more in ["model.head_weights=keep", "model.labels=3"] {
      let kept = try train(run, "--set", more)
      try #require(kept.status == 0, "\(kept.error)")
      #expect(!kept.error.contains("random weights"), "\(kept.error)")
      #expect(try names(run, "out/models/last") == ["0": "negative", "1": "neutral", "2": "positive"])
    }
  }

  @Test("takes a new head, and says so, where the model's is of another task; kept it cannot be")
  func otherTask() throws {
    let run = try TinyRun()
    let model = try TrainedModel(in: run)
    try model.changeConfiguration("problem_type", to: "multi_label_classification")
    try run.folder.write(model.recipe, to: run.recipe)
    let outcome = try train(run)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("starts from random weights: its problem_type is multi_label_classification"))
    let refused = try train(run, "--set", "model.head_weights=keep", "--output", "other")
    #expect(refused.status == 2 && refused.error.contains("model.head_weights is keep"), "\(refused.error)")
  }
}
