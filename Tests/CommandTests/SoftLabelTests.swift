import Foundation
import Testing

/// Runs whose labels are a probability a class, from tables to predictions.
@Suite("Soft labels")
struct SoftLabelTests {
  /// The training rows as sentences with their classes.
  private func rows(of run: TinyRun) throws -> [(text: String, label: Int)] {
    try run.folder.read("train.tsv").split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
      return (String(cells[0]), try #require(Int(cells[1])))
    }
  }

  /// A run on columns of probabilities, validated on classes.
  private func run(_ columns: [String] = ["negative", "positive"]) throws -> TinyRun {
    let run = try TinyRun()
    let lines = try rows(of: run).enumerated().map { row, line in
      let right = 0.6 + 0.05 * Double(row % 8)
      let (negative, positive) = line.label == 0 ? (right, 1 - right) : (1 - right, right)
      return "\(line.text)\t\(negative)\t\(positive)\n"
    }
    try run.folder.write("sentence\t\(columns.joined(separator: "\t"))\n" + lines.joined(), to: "soft.tsv")
    try soften(run, columns: "[\(columns.joined(separator: ", "))]", file: "soft.tsv")
    return run
  }

  private func soften(_ run: TinyRun, columns: String, file: String) throws {
    try run.changeRecipe("train.tsv", file)
    try run.changeRecipe("label: label}", "label: \(columns), validation_label: label}")
    try run.changeRecipe("threads: 1", "threads: 1\ntask: {kind: single-label}")
  }

  private func loss(_ run: TinyRun, _ model: String, _ rows: String, label: String) throws -> Double {
    let evaluated = try run.command(["evaluate", model, rows, "--label", label])
    #expect(evaluated.status == 0, "\(evaluated.error)")
    return try #require(object(evaluated.output)["loss"] as? Double)
  }

  @Test("are learned in columns, validated on classes, evaluated to what was logged, resumed and continued")
  func endToEnd() throws {
    let run = try run()
    let trained = try run.train().run()
    #expect(trained.status == 0, "\(trained.error)")
    let logged = try #require(run.evaluations.last?["loss"] as? Double)
    let own = try loss(run, "out/models/last", "dev.tsv", label: "label")
    #expect(abs(own - logged) < 1e-5 * logged, "\(own), logged \(logged)")
    let names = try #require(run.folder.json("out/models/last/config.json")["id2label"] as? [String: String])
    #expect(names == ["0": "negative", "1": "positive"])
    // The order of the columns is that of the table, whatever that of the classes.
    let soft = try loss(run, "out/models/last", "soft.tsv", label: "negative,positive")
    #expect(try loss(run, "out/models/last", "soft.tsv", label: "positive,negative") == soft)
    let predicted = try run.command(["predict", "out/models/last", "--input", "dev.tsv"])
    #expect(predicted.status == 0 && predicted.output.contains("\"classes\": [\"negative\", \"positive\"]"))
    let whole = try #require(run.weightsHash)
    let constant = ["--set", "schedule={kind: constant}"]
    for (steps, more) in [("12", []), ("\(TinyRun.steps)", ["--resume", "auto"])] {
      var command = run.train("--set", "steps=\(steps)", "--output", "half")
      command.arguments += constant + more
      let part = try command.run()
      #expect(part.status == 0 && more.isEmpty != part.error.contains("resumed after step 12"), "\(part.error)")
    }
    var straight = run.train("--output", "straight")
    straight.arguments += constant
    try #require(try straight.run().status == 0)
    let hashes = try ["half", "straight"].map { try run.folder.json("\($0)/summary.json")["weights_sha256"] as? String }
    #expect(hashes[0] == hashes[1] && hashes[0] != whole)
    let again = try run.train(
      "--set", "model={from: out/models/last}", "--set", "optimizer.learning_rate=0", "--set", "steps=1", "--output",
      "again"
    ).run()
    #expect(again.status == 0 && !again.error.contains("random"), "\(again.error)")
    #expect(abs(try loss(run, "again/models/last", "dev.tsv", label: "label") - own) < 1e-5)
  }

  @Test("are trained on by techniques, on two ranks with the bits of one")
  func techniques() throws {
    let run = try run()
    let techniques =
      "techniques={label_smoothing: {epsilon: 0.1}, class_weights: balanced, r_drop: {alpha: 1}, fgm: {}, ema: {decay: 0.9}}"
    let one = try run.train("--set", techniques, "--set", "steps=6").run()
    #expect(one.status == 0, "\(one.error)")
    let hash = try #require(run.weightsHash)
    if Command.hasLauncher {
      let two = try run.train("--set", techniques, "--set", "steps=6", "--output", "two", ranks: 2).run()
      #expect(two.status == 0, "\(two.error)")
      #expect(try run.folder.json("two/summary.json")["weights_sha256"] as? String == hash)
    }
    let focal = try run.train("--set", "techniques.focal_loss={}").run()
    #expect(focal.status == 2 && focal.error.contains("techniques.focal_loss is for one class a row"), "\(focal.error)")
    #expect(focal.error.split(separator: "\n").count == 1)
  }

  @Test("are what a model predicts, as columns of a table and as lists of JSON lines")
  func pseudoLabels() throws {
    let teacher = try TinyRun()
    try #require(try teacher.train().run().status == 0)
    for output in ["p.tsv", "p.jsonl"] {
      let predicted = try teacher.command(
        ["predict", "out/models/last", "--input", "train.tsv", "--output", output])
      #expect(predicted.status == 0, "\(predicted.error)")
    }
    let texts = try rows(of: teacher).map(\.text)
    let table = try teacher.folder.read("p.tsv").split(separator: "\n")
    try #require(table.count == texts.count + 1 && table[0].hasSuffix("label\tLABEL_0\tLABEL_1"))
    try teacher.folder.write(
      zip(["sentence"] + texts, table).map { "\($0)\t\($1)\n" }.joined(), to: "pseudo.tsv")
    let lines = try teacher.folder.read("p.jsonl").split(separator: "\n")
    let objects = try zip(texts, lines).map { text, line in
      let sentence = try String(decoding: JSONEncoder().encode(text), as: UTF8.self)
      return "{\"sentence\": \(sentence), " + line.dropFirst() + "\n"
    }
    try teacher.folder.write(objects.joined(), to: "pseudo.jsonl")
    let recipe = try teacher.folder.read(teacher.recipe)
    var hashes: [String?] = []
    for (columns, file) in [("[LABEL_0, LABEL_1]", "pseudo.tsv"), ("probabilities", "pseudo.jsonl")] {
      try teacher.folder.write(recipe, to: teacher.recipe)
      try soften(teacher, columns: columns, file: file)
      let student = try teacher.train("--output", file + "-out").run()
      #expect(student.status == 0, "\(student.error)")
      hashes.append(try teacher.folder.json("\(file)-out/summary.json")["weights_sha256"] as? String)
      let own = try loss(teacher, "\(file)-out/models/last", file, label: columns.filter { !"[] ".contains($0) })
      #expect(own < 0.7, "\(own)")
    }
    #expect(hashes[0] != nil && hashes[0] == hashes[1], "\(hashes)")
  }

  /// A row, and what is said of it.
  static let bad = [
    ("fine\t0.5\tx", "label \"x\" of \"positive\" is not a probability"),
    ("fine\t-0.5\t1.5", "label \"-0.5\" of \"negative\" is not a probability"),
    ("fine\t0x1p-1\t0.5", "label \"0x1p-1\" of \"negative\" is not a probability"),
    ("fine\tnan\t1", "label \"nan\" of \"negative\" is not a probability"),
    ("fine\t\t1", "label \"\" of \"negative\" is not a probability"),
    ("fine\t0.5\t0.502", "the probabilities of the classes sum to 1.002, not 1; write one for each class"),
    ("fine\t0\t0", "the probabilities of the classes sum to 0.0, not 1"),
  ]

  @Test("are refused by file and line where they are not probabilities of all classes", arguments: bad)
  func badRows(row: String, problem: String) throws {
    let run = try run()
    try run.folder.write(try run.folder.read("soft.tsv") + row + "\n", to: "soft.tsv")
    let outcome = try run.train().run()
    #expect(outcome.status == 2 && outcome.error.contains("soft.tsv, line \(TinyRun.rows + 2): "), "\(outcome.error)")
    #expect(outcome.error.contains(problem) && outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
  }

  @Test("are divided by their sum where a table rounds them, and read as 1 and 0 where a row has its class")
  func rounded() throws {
    let run = try run()
    let table = try run.folder.read("soft.tsv")
    var hashes: [String?] = []
    for sum in [1, 0.9996] {
      try run.folder.write("\(table)fine\t\(0.3333 / sum)\t\(0.6663 / sum)\nbad\t1\t0\n", to: "soft.tsv")
      let outcome = try run.train("--set", "steps=13", "--output", "\(sum)").run()
      #expect(outcome.status == 0, "\(outcome.error)")
      hashes.append(try run.folder.json("\(sum)/summary.json")["weights_sha256"] as? String)
    }
    #expect(hashes[0] != nil && hashes[0] == hashes[1], "\(hashes)")
  }

  /// Rows as objects by the names of the classes, from those of columns.
  private func objects(of run: TinyRun) throws -> String {
    try run.folder.read("soft.tsv").split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
      let text = try String(decoding: JSONEncoder().encode(String(cells[0])), as: UTF8.self)
      // Members stand in any order, and what is 0 is left out.
      let members = [("positive", cells[2]), ("negative", cells[1])].filter { Double($0.1) != 0 }
      let label = members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
      return "{\"sentence\": \(text), \"label\": {\(label)}}\n"
    }.joined()
  }

  /// A run on objects, and the hash of the same rows as columns.
  private func objectRun() throws -> (run: TinyRun, hash: String?) {
    let run = try run()
    try run.folder.write(try run.folder.read("soft.tsv") + "bad\t1\t0\nfine\t0\t1\n", to: "soft.tsv")
    try #require(try run.train("--set", "steps=13").run().status == 0)
    try run.folder.write(try objects(of: run), to: "soft.jsonl")
    try run.changeRecipe("soft.tsv", "soft.jsonl")
    try run.changeRecipe("[negative, positive], validation_label", "label, validation_label")
    return (run, run.weightsHash)
  }

  @Test("are objects by the names of the classes, with the bits of columns; a class that is missing has 0")
  func namedClasses() throws {
    let (run, hash) = try objectRun()
    for kind in ["task.kind=single-label", "task={}"] {
      let outcome = try run.train("--set", "steps=13", "--set", kind, "--output", "objects").run()
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(try hash != nil && run.folder.json("objects/summary.json")["weights_sha256"] as? String == hash)
    }
    let names = try #require(run.folder.json("objects/models/last/config.json")["id2label"] as? [String: String])
    #expect(names == ["0": "negative", "1": "positive"])
    let columns = try loss(run, "objects/models/last", "soft.tsv", label: "negative,positive")
    #expect(try loss(run, "objects/models/last", "soft.jsonl", label: "label") == columns)
    try run.folder.write("{\"sentence\": \"x\", \"label\": {\"neutral\": 1}}\n", to: "other.jsonl")
    let other = try run.command(["evaluate", "objects/models/last", "other.jsonl"])
    #expect(
      other.status == 2
        && other.error.contains(
          "other.jsonl, line 1: label has the class \"neutral\", which is not one of negative, positive"),
      "\(other.error)")
    let labels = try run.train("--set", "task.kind=multi-label", "--output", "labels").run()
    #expect(labels.status == 2 && labels.error.contains("has objects as labels"), "\(labels.error)")
  }

  @Test(
    "in objects are refused by file and line where they are not probabilities of classes",
    arguments: [
      ("{\"negative\": 0.5, \"positive\": 0.502}", "the probabilities of the classes sum to 1.002, not 1"),
      ("{}", "the probabilities of the classes sum to 0.0, not 1"),
      ("{\"negative\": 0.4}", "the probabilities of the classes sum to 0.4, not 1"),
      ("{\"negative\": \"x\", \"positive\": 1}", "label \"x\" of \"negative\" is not a probability"),
      ("{\"negative\": null, \"positive\": 1}", "label \"\" of \"negative\" is not a probability"),
      ("{\"negative\": -0.5, \"positive\": 1.5}", "label \"-0.5\" of \"negative\" is not a probability"),
      ("{\"negative\": [1]}", "\"label\" holds a list, not one value"),
      ("\"negative\"", "label \"negative\" is not an object, and those of other rows are"),
      ("[0.5, 0.5]", "is not an object, and those of other rows are"),
    ])
  func badObjects(label: String, problem: String) throws {
    let (run, _) = try objectRun()
    let rows = try run.folder.read("soft.jsonl")
    try run.folder.write(rows + "{\"sentence\": \"x\", \"label\": \(label)}\n", to: "soft.jsonl")
    let outcome = try run.train("--output", "bad").run()
    let line = rows.split(separator: "\n").count + 1
    #expect(outcome.status == 2 && outcome.error.contains("soft.jsonl, line \(line): "), "\(outcome.error)")
    #expect(outcome.error.contains(problem) && outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
  }

  @Test("are refused where lists differ in length, or columns are not the model's classes")
  func badShapes() throws {
    let run = try run()
    try #require(try run.train("--set", "steps=1").run().status == 0)
    let three = try run.command(["evaluate", "out/models/last", "soft.tsv", "--label", "negative,positive,sentence"])
    #expect(three.status == 2 && three.error.contains("--label"), "\(three.error)")
    try run.folder.write("sentence\tnegative\tneutral\nfine\t0.5\t0.5\n", to: "other.tsv")
    let other = try run.command(["evaluate", "out/models/last", "other.tsv", "--label", "negative,neutral"])
    #expect(
      other.status == 2
        && other.error.contains("has the label column \"neutral\", which is not one of the classes negative, positive"),
      "\(other.error)")
    try run.folder.write(
      "{\"sentence\": \"fine\", \"label\": [0.5, 0.5]}\n{\"sentence\": \"bad\", \"label\": [0.2, 0.3, 0.5]}\n",
      to: "lists.jsonl")
    try run.changeRecipe("soft.tsv", "lists.jsonl")
    try run.changeRecipe("[negative, positive], validation_label: label", "label")
    let lists = try run.train("--output", "lists").run()
    #expect(
      lists.status == 2
        && lists.error.contains("lists.jsonl, line 2: has 3 probabilities, and the classes are 2 (0, 1)"),
      "\(lists.error)")
    let lost = try TinyRun()
    try lost.changeRecipe("label: label}", "label: label, validation_label: label}")
    try lost.changeRecipe("  validation: dev.tsv\n", "")
    let outcome = try lost.train().run()
    #expect(
      outcome.status == 2 && outcome.error.contains("data.columns.validation_label is given without"),
      "\(outcome.error)")
  }
}
