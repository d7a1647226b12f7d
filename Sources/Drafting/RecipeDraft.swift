import Data
import Text

/// A recipe for a table that nobody has described: what its columns hold, and settings that train it without a change.
///
/// It depends on the rows and on the model's tokenizer alone, and on nothing of this machine.
public struct RecipeDraft {
  /// The model that is to be trained.
  public struct Model {
    /// Its folder.
    public var path: String
    /// Nil where the folder is not there yet.
    public var tokenizer: (any Tokenizer)?
    /// The most tokens that it reads; nil where that is not known.
    public var positions: Int?

    public init(path: String, tokenizer: (any Tokenizer)? = nil, positions: Int? = nil) {
      (self.path, self.tokenizer, self.positions) = (path, tokenizer, positions)
    }
  }

  let train: RawTable
  let validation: RawTable?
  let roles: ColumnRoles
  let task: TaskGuess
  let lengths: LengthFacts
  let model: Model
  /// The tasks that can be named; nil for all that are guessed.
  private let kinds: [String]?

  private static let usualPositions = 512

  /// - Parameter kinds: the tasks that a recipe may name; a score of pairs is a regression where similarity is not among them.
  /// - Throws: `FileError` or `TableError` where a file cannot be read, or has no texts or labels.
  public init(train: TableFiles, validation: TableFiles?, model: Model, kinds: [String]? = nil) throws {
    self.kinds = kinds
    self.train = try RawTable(train, knownNames: ColumnNames.known)
    if self.train.areQuestions {
      roles = ColumnRoles(questions: zip(self.train.names, self.train.columns).map { ColumnFacts($0, $1) })
      task = .spanAnswer
    } else {
      roles = try ColumnRoles(self.train, file: train.description)
      task = self.train.areSentences ? .tokenClassification : TaskGuess(roles)
    }
    lengths = LengthFacts(self.train, roles, tokenizer: model.tokenizer)
    self.model = model
    self.validation = try validation.map { try RawTable($0, knownNames: ColumnNames.known) }
    if let validation = self.validation { try check(validation) }
  }

  /// - Throws: `TableError` where the validation rows lack a column of the training rows.
  private func check(_ validation: RawTable) throws(TableError) {
    let own = validation.names.map { $0.debugDescription }.joined(separator: ", ")
    for column in roles.named where !validation.names.contains(column.name) {
      throw TableError(
        file: validation.files.description,
        problem: "has no column \(column.name.debugDescription), as \(train.files) has (columns: \(own))",
        remedy: "give validation rows with the same columns, or leave --validation out")
    }
  }

  /// Section `task`; nil where the labels say it.
  var taskSection: String? {
    guard task != .singleLabel else { return nil }
    let isKnown = kinds?.contains(task.rawValue) ?? true
    let kind = task == .similarity && !isKnown ? TaskGuess.regression : task
    let separator = roles.labels[0].delimiter.map { ", separator: \"\($0)\"" } ?? ""
    return "task: {kind: \(kind.rawValue)\(kind == .multiLabel ? separator : "")}"
  }

  /// Of contexts that are longer nothing is cut.
  var maximumLength: Int {
    let positions = model.positions ?? Self.usualPositions
    return lengths.maximumLength(positions: task == .spanAnswer ? min(384, positions) : positions)
  }

  /// Rows of a step: fewer where there are few.
  var batchSize: Int { train.rowCount < 1000 ? 16 : 32 }

  /// Rows computed at once: fewer where they are long.
  var microbatch: Int { maximumLength > 128 ? batchSize / 8 : batchSize / 4 }

  /// Small tables need to be seen more often.
  var epochs: Int { train.rowCount < 1000 ? 10 : train.rowCount < 10_000 ? 4 : 3 }

  /// What was found, in a line each.
  public var summary: [String] {
    let columns = roles.described.map { "\($0) \($1)" }.joined(separator: ", ")
    let rows = validation.map { "\(train.rowCount) to train, \($0.rowCount) to validate" } ?? "\(train.rowCount)"
    return ["rows: \(rows); task: \(task.rawValue); columns: \(columns)"] + remarks
  }

  /// What the user should look at before training.
  var remarks: [String] {
    var remarks: [String] = []
    let unlabelled = roles.labels.count == 1 ? roles.labels[0].rows - roles.labels[0].present : 0
    if unlabelled > 0, task != .spanAnswer {
      remarks.append("\(unlabelled) of \(train.rowCount) rows have no label; remove them, or complete them")
    }
    if task != .multipleChoice, !roles.otherLabels.isEmpty {
      let names = roles.otherLabels.prefix(5).map { "\($0.plainName) (\($0.counts.count) values)" }
      remarks.append("other columns that could be the labels: \(names.joined(separator: ", "))")
    }
    return remarks
  }
}

extension ColumnRoles {
  /// All columns that have a role.
  var named: [ColumnFacts] { [text] + [pair].compactMap(\.self) + options + labels + [id].compactMap(\.self) }

  /// Roles and names.
  var described: [(role: String, names: String)] {
    func list(_ columns: [ColumnFacts]) -> String { columns.map(\.name).joined(separator: ", ") }
    let pairs = [
      ("text", [text]), ("pair", [pair].compactMap(\.self)), ("options", options),
      (labels.count == 1 ? "label" : "labels", labels), ("id", [id].compactMap(\.self)),
    ]
    return pairs.filter { !$0.1.isEmpty }.map { ($0.0, list($0.1)) }
  }
}
