import Foundation

/// A run that takes a second: a BERT of width 32 on the first rows of SST-2, in a folder of its own.
struct TinyRun {
  static let rows = 96
  static let validationRows = 40
  static let steps = 30

  let folder: TemporaryFolder
  var recipe = "tiny.yaml"
  var output = "out"

  init() throws {
    folder = try TemporaryFolder()
    let table = try String(contentsOf: Self.shipped("launch/data/sst2/train.tsv"), encoding: .utf8)
    let lines = table.split(separator: "\n", maxSplits: 200).prefix(1 + Self.rows + Self.validationRows)
    try folder.write(Self.text(lines.prefix(1 + Self.rows)), to: "train.tsv")
    try folder.write(Self.text([lines[0]] + lines.suffix(Self.validationRows)), to: "dev.tsv")
    let vocabulary = Self.shipped("launch/data/vocabulary/bert-base-uncased.txt")
    try FileManager.default.copyItem(atPath: vocabulary.path, toPath: folder.path + "/vocab.txt")
    try folder.write(Self.recipe, to: recipe)
  }

  /// Twelve steps an epoch, so thirty of them end in the middle of one; dropout is on, by BERT's default.
  private static let recipe = """
    seed: 7
    model:
      configuration: {hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 64}
      vocabulary: vocab.txt
      labels: 2
    data:
      train: train.tsv
      validation: dev.tsv
      columns: {text: sentence, label: label}
      maximum_length: 24
    batch: {size: 8, microbatch: 2, buckets: 3}
    steps: \(steps)
    optimizer: {kind: adamw, learning_rate: 1.0e-3}
    schedule: {kind: linear, warmup: 0.1}
    clip: 1.0
    evaluate: {every: 10, metrics: [accuracy, f1, matthews], best: accuracy}
    checkpoint: {every: 4, keep: 2}
    reduction: ordered
    threads: 1

    """

  /// `lockstep train`, with more arguments.
  func train(_ more: String..., ranks: Int? = nil) -> Command {
    var command = Command("train", recipe, "--output", output, in: folder, ranks: ranks)
    command.arguments += more
    return command
  }

  /// What `lockstep` with these arguments gives.
  func command(_ arguments: [String], ranks: Int? = nil) throws -> Shell.Outcome {
    var command = Command(in: folder, ranks: ranks)
    command.arguments = arguments
    return try command.run()
  }

  /// The recipe with one text in place of another.
  func changeRecipe(_ old: String, _ new: String) throws {
    let text = try folder.read(recipe)
    precondition(text.contains(old), "the recipe does not hold \(old)")
    try folder.write(text.replacingOccurrences(of: old, with: new), to: recipe)
  }

  /// Trains on objects, of 48 rows and of 16 more to validate, in place of the table.
  func read(_ row: (Int) -> String, columns: String, task: String) throws {
    for (file, rows) in [("train.jsonl", 0..<48), ("dev.jsonl", 48..<64)] {
      try folder.write(rows.map { row($0) + "\n" }.joined(), to: file)
    }
    try changeRecipe("columns: {text: sentence, label: label}", "columns: \(columns)")
    try changeRecipe("train.tsv", "train.jsonl")
    try changeRecipe("dev.tsv", "dev.jsonl")
    try changeRecipe("  labels: 2\n", "")
    try changeRecipe("evaluate: {every: 10, metrics: [accuracy, f1, matthews], best: accuracy}", "task: \(task)")
  }

  var weightsHash: String? { try? folder.json("\(output)/summary.json")["weights_sha256"] as? String }

  /// The lines of `ledger.jsonl`.
  var ledger: [Substring] { ((try? folder.read("\(output)/ledger.jsonl")) ?? "").split(separator: "\n") }

  /// `metrics.jsonl`, as far as it is written.
  var metrics: [[String: Any]] {
    let text = (try? folder.read("\(output)/metrics.jsonl")) ?? ""
    return text.split(separator: "\n").compactMap { try? object($0) }
  }

  var losses: [Double] { metrics.compactMap { $0["loss"] as? Double } }
  var loggedSteps: [Int] { metrics.filter { $0["loss"] != nil }.compactMap { $0["step"] as? Int } }
  var evaluations: [[String: Any]] { metrics.compactMap { $0["evaluation"] as? [String: Any] } }

  private static func shipped(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: path)
  }

  private static func text(_ lines: some Sequence<Substring>) -> String { lines.joined(separator: "\n") + "\n" }
}
