import Foundation
import Lockstep

/// A rating from 1 to 5, whose order counts: CORN (Shi, Cao and Raschka, arXiv:2111.08851).
///
///     P(y > k) = σ(f_1) … σ(f_k)                          f the scores, one for each rating but the last
///     loss = -mean ln σ(f_k) or ln(1 - σ(f_k))            over the pairs of a row and a k < y, or k = y, by which of both holds
///
/// A row is asked whether it is above k only where it is above k - 1; other targets are missing, and count in no sum.
struct Ratings: LearningTask {
  static let kind = "ratings"

  /// The largest rating.
  let levels: Int

  /// Only a recipe that names it has it.
  static func claims(_ cells: TargetCells) -> Bool { false }

  static func claims(_ head: HeadDescription) -> Bool { head.settings["kind"] as? String == kind }

  init(_ cells: TargetCells, start: TaskStart) throws {
    levels = try start.recipe.task.section.integer("levels", default: 5, atLeast: 3, atMost: 100)
    try start.recipe.task.section.finish()
  }

  init(_ head: HeadDescription) throws { levels = head.outputs + 1 }

  var head: HeadDescription {
    HeadDescription(outputs: levels - 1, architecture: Self.architecture, settings: ["kind": Self.kind])
  }

  func targets(of cells: TargetCells) throws -> Targets {
    let values = try (0..<cells.rowCount).flatMap { row -> [Float] in
      guard let rating = Int(cells.first(row)), 1...levels ~= rating else {
        throw cells.error(
          row: row, "rating \(cells.first(row).debugDescription) is not from 1 to \(levels)",
          remedy: "correct it, or set task.levels")
      }
      return (1..<levels).map { $0 < rating ? 1 : $0 == rating ? 0 : .nan }
    }
    return Targets(counting: values, width: levels - 1)
  }

  func summary(of rows: any Dataset) -> TargetSummary { TargetSummary("ratings from 1 to \(levels)") }

  // MARK: Learning

  let lossName = "corn"

  func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let losses = pass.elementLosses(scores, targets: batch.targets) { score, target, _ in
      // -ln σ(z) or -ln σ(-z), and the derivative.
      let z = target == 1 ? score : -score
      return (max(-z, 0) + log1p(exp(-abs(z))), 1 / (1 + exp(-score)) - target)
    }
    return RowLosses(losses, weights: batch.observed)
  }

  /// The mean squared difference of the scores, for techniques that compare two forwards; the second gets no gradient.
  func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(pass.meanSquaredError(first, second))
  }

  // MARK: Judging

  var answerWidth: Int { levels - 1 }

  /// P(y > k) of every k.
  func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] {
    batch.rows.indices.flatMap { row in
      var product = 1.0
      return (row * answerWidth..<(row + 1) * answerWidth).map { index -> Double in
        product /= 1 + exp(-Double(scores.values[index]))
        return product
      }
    }
  }

  /// How many of these are more probable than not, and 1.
  static func rating(_ numbers: ArraySlice<Double>) -> Int { 1 + numbers.count { $0 > 0.5 } }

  /// Those of values, of the ratings.
  var measures: MeasureList {
    let values = ["mae", "quadratic_kappa"].compactMap(ValueMeasures.all().named)
    return MeasureList(
      values.map { measure in
        Measure(name: measure.name, isLargerBetter: measure.isLargerBetter) { measure.value(Self.values($0)) }
      })
  }

  let usualMeasures = ["mae", "quadratic_kappa"]

  /// Ratings in place of the numbers that they are made of.
  static func values(_ rows: ScoredRows) -> ScoredRows {
    let numbers = 0..<rows.rows
    return ScoredRows(
      width: 1, outputs: numbers.map { Double(rating(rows.outputs(of: $0))) },
      targets: numbers.map { Double(rating(rows.targets(of: $0))) })
  }

  // MARK: Answering

  func answer(_ numbers: ArraySlice<Double>) -> Answer {
    let rating = Self.rating(numbers)
    return Answer(label: "\(rating)", fields: [("rating", .integer(rating))], cells: ["\(rating)"])
  }

  let answerColumns = ["rating"]
}

enum OwnTask {
  static func run() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ratings-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let recipe = try Recipe(RecipeDocument(yaml: Reviews.recipe(in: folder), source: "ratings"))
    let assembly = try RunAssembly(recipe, threads: 1, tasks: [Ratings.self], measures: [OwnMeasure.withinOne])
    let output = folder.path + "/output"
    _ = try TrainRecipe.train(assembly, SoloGroup(), RunDirectory(path: output))
    let predictor = try Predictor(
      directory: output + "/models/best", threads: 1, tasks: [Ratings.self], measures: [OwnMeasure.withinOne])
    let rows = try predictor.rows(
      .table(TableFiles(folder.path + "/dev.csv")), columns: recipe.data.columns, isLabelled: true)
    let figures = try predictor.evaluate(rows, metrics: ["mae", "quadratic_kappa", OwnMeasure.withinOne.name])
    print("\(figures.rows) rows:", figures.metrics.map { "\($0.name) \($0.value)" }.joined(separator: ", "))
    for text in ["bad bad bad bad", "good bad good bad", "good good good good"] {
      let answer = try predictor.predict(predictor.rows(Table([(text, nil)], source: "example")))[0].answer
      print("\(text): \(answer.cells[0])")
    }
    try step(assembly)
  }

  /// A step of one's own asks the task for its losses, as the trainer's does.
  private static func step(_ assembly: RunAssembly) throws {
    let trainer = Trainer(
      parts: assembly.parts, settings: assembly.settings, replicas: DataParallelGroup(SoloGroup()),
      engine: assembly.engine)
    print("sharpness-aware: loss \(try OwnStep.sharpnessAware(trainer, radius: 0.05).loss)")
  }
}

/// Reviews of four words, whose rating is 1 more than how many of them are good.
enum Reviews {
  static func recipe(in folder: URL) throws -> String {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad"]
    try write(words.joined(separator: "\n") + "\n", "vocab.txt", folder)
    try write(table(320, seed: 2), "train.csv", folder)
    try write(table(80, seed: 3), "dev.csv", folder)
    return """
      model:
        configuration:
          hidden_size: 16
          num_hidden_layers: 1
          num_attention_heads: 2
          intermediate_size: 32
          initializer_range: 0.2
        vocabulary: \(folder.path)/vocab.txt
        head: {pooling: mean}
      data:
        train: \(folder.path)/train.csv
        validation: \(folder.path)/dev.csv
        columns: {text: review, label: stars}
      task: {kind: \(Ratings.kind), levels: 5}
      evaluate: {metrics: [mae, within_one], best: mae}
      optimizer: {learning_rate: 0.01}
      batch: {size: 32}
      epochs: 30
      """
  }

  private static func table(_ rows: Int, seed: UInt64) -> String {
    let stream = RandomStream(seed: seed, purpose: .initialization)
    return (0..<rows).reduce("review,stars\n") { text, row in
      let words = (0..<4).map { stream.integer(below: 2, index: UInt64(4 * row + $0)) }
      let review = words.map { $0 == 1 ? "good" : "bad" }.joined(separator: " ")
      return text + "\(review),\(1 + words.reduce(0) { $0 + Int($1) })\n"
    }
  }

  private static func write(_ text: String, _ name: String, _ folder: URL) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
  }
}
