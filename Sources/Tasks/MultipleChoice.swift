import Data
import Layers
import Models
import Scores
import Support
import Techniques
import Tensors
import Training

/// The right one of a row's options.
///
///     loss = -ln softmax(a score an option)[right option]
///
/// - `columns.options`: a column an option, of which rows may leave some empty; or a key that holds a list. Each option is read
///   behind the row's text (and its pair), as transformers' examples do.
/// - `columns.label`: the option's number from 0, or from 1 where some row has the number of its options; its letter; or its text,
///   which is then called by its letter.
/// - Metrics: accuracy, mrr, log_loss.
/// - Exports: `…ForMultipleChoice`.
public struct MultipleChoice: LearningTask {
  public static let kind = "multiple-choice"
  public static let layout = RowLayout.options
  public static let architecture = "ForMultipleChoice"

  /// Options of a row at most.
  private static let mostOptions = 16

  /// How labels name an option.
  private enum Naming: String {
    case fromZero, fromOne, letter
  }

  private let naming: Naming
  public let startsHead: Bool

  public static func claims(_ cells: TargetCells) -> Bool { cells.optionCounts != nil }

  public static func claims(_ head: HeadDescription) -> Bool {
    head.outputs == 1 && head.architecture?.hasSuffix(architecture) == true
  }

  public init(_ cells: TargetCells, start: TaskStart) throws {
    try start.recipe.task.section.finish()
    naming = try Self.naming(of: cells)
    startsHead = start.recipe.model.headWeights == .new
    _ = try targets(of: cells)
  }

  public init(_ head: HeadDescription) throws {
    guard let naming = head.settings["labels"].map({ ($0 as? String).flatMap(Naming.init) }) ?? .fromZero else {
      throw ModelError(
        file: head.source, problem: "lockstep_task.labels does not say how labels name options",
        remedy: "export the model again")
    }
    self.naming = naming
    startsHead = false
  }

  public var head: HeadDescription {
    HeadDescription(
      outputs: 1, architecture: Self.architecture,
      settings: naming == .fromZero ? [:] : ["labels": naming.rawValue])
  }

  // MARK: Targets

  private static func naming(of cells: TargetCells) throws -> Naming {
    guard let counts = cells.optionCounts else {
      throw cells.error(
        "has no options", remedy: "name their columns in data.columns.options")
    }
    let numbers = (0..<cells.rowCount).map { WholeNumber.value(of: cells.first($0)) }
    guard numbers.contains(nil) else {
      return zip(numbers, counts).contains { $0.0 == $0.1 } && !numbers.contains(0) ? .fromOne : .fromZero
    }
    return .letter
  }

  public func targets(of cells: TargetCells) throws -> Targets {
    guard let counts = cells.optionCounts else {
      throw cells.error("has no options", remedy: "name their columns: \(cells.setting) is the right one's")
    }
    let values = try (0..<cells.rowCount).map { row in
      try Self.check(counts[row], row, cells)
      let label = cells.first(row)
      guard let place = place(of: label), 0..<counts[row] ~= place else {
        throw cells.error(
          row: row, "label \(label.debugDescription) is not one of the row's \(counts[row]) options",
          remedy: "write its number from \(naming == .fromOne ? 1 : 0), its letter from A, or its text")
      }
      return Float(place)
    }
    return Targets(width: 1, values: values)
  }

  private func place(of label: String) -> Int? {
    switch naming {
    case .fromZero: return WholeNumber.value(of: label)
    case .fromOne: return WholeNumber.value(of: label).map { $0 - 1 }
    case .letter:
      guard label.utf8.count == 1, let letter = label.uppercased().utf8.first, 65...90 ~= letter else { return nil }
      return Int(letter) - 65
    }
  }

  /// What a row's option is called in predictions.
  private func name(of place: Int) -> String {
    switch naming {
    case .fromZero: String(place)
    case .fromOne: String(place + 1)
    case .letter: String(UnicodeScalar(UInt8(65 + place)))
    }
  }

  public func check(_ cells: TargetCells) throws {
    guard let counts = cells.optionCounts else {
      throw cells.error("is read without options", remedy: "name their columns with --options")
    }
    for row in counts.indices { try Self.check(counts[row], row, cells) }
  }

  private static func check(_ count: Int, _ row: Int, _ cells: TargetCells) throws {
    guard !(2...mostOptions ~= count) else { return }
    throw cells.error(
      row: row, "has \(count == 1 ? "1 option" : "\(count) options"), and 2 to \(mostOptions) can be compared",
      remedy: "correct the row, or leave it out")
  }

  public func summary(of rows: any Dataset) -> TargetSummary { TargetSummary("the right one of each row's options") }

  // MARK: Learning

  public var lossName: String { "cross_entropy" }

  public func losses(_ scores: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    let labels = batch.labels
    return RowLosses(
      pass.groupLosses([scores], batch) { row, options in
        let softmax = Softmax(options[0])
        let label = Int(labels[row])
        let slopes = softmax.probabilities.enumerated().map { $1 - ($0 == label ? 1 : 0) }
        return (softmax.crossEntropy(label), [slopes])
      })
  }

  /// ½ (KL(p‖q) + KL(q‖p)) of the options' probabilities.
  public func divergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(
      pass.groupLosses([first, second], batch) { _, options in
        let value = SymmetricKL.value(options[0], options[1])
        return (value.divergence, [value.first, value.second])
      })
  }

  public func distance(_ scores: Tensor, _ teacher: Tensor, _ batch: Microbatch, _ pass: Pass) -> RowLosses {
    RowLosses(
      pass.groupLosses([scores], batch) { row, options in
        let place = batch.sequences(of: row).lowerBound
        let differences = options[0].enumerated().map { Double($1) - Double(teacher.pointer[place + $0]) }
        let count = Double(differences.count)
        return (differences.reduce(0) { $0 + $1 * $1 } / count, [differences.map { 2 * $0 / count }])
      })
  }

  // MARK: Judging

  public var answerWidth: Int { Self.mostOptions }

  /// Probabilities of the options, which are above 0, and 0 where a row has no such option.
  public func answers(_ scores: Tensor, _ batch: Microbatch) -> [Double] {
    batch.rows.indices.flatMap { row in
      let sequences = batch.sequences(of: row)
      let own = UnsafeBufferPointer(start: scores.pointer + sequences.lowerBound, count: sequences.count)
      let probabilities = ClassScores.softmax(own).map { max($0, .leastNonzeroMagnitude) }
      return probabilities + [Double](repeating: 0, count: Self.mostOptions - probabilities.count)
    }
  }

  public var measures: MeasureList {
    let known = ClassMeasures.all(classes: Self.mostOptions)
    return MeasureList(
      ["accuracy", "log_loss"].compactMap(known.named) + RankMeasures.all.measures.filter { $0.name == "mrr" })
  }

  public var usualMeasures: [String] { ["accuracy"] }

  public var usualFigures: [String] { ["accuracy", "mrr"] }

  // MARK: Answering

  public func answer(_ numbers: ArraySlice<Double>) -> Answer {
    let probabilities = Array(numbers.prefix { $0 > 0 })
    return Answer(
      option: name(of: probabilities.largestIndex ?? 0), probabilities: probabilities,
      of: probabilities.indices.map(name))
  }

  public var answerColumns: [String] { ["label"] + (0..<Self.mostOptions).map(name) }
}
