import Data
import Support
import Text

/// The numbers that one model gave to rows, each row named by its id: what `lockstep predict` writes.
public struct Predictions: Sendable {
  public struct Row: Sendable, Equatable {
    public var id: String
    /// Probabilities in the order of the classes, labels or options; or values.
    public var probabilities: [Double]
    /// The row's true class, where the file has it (out-of-fold predictions do).
    public var truth: Int?
    /// The row's own options; nil where all rows have the same classes.
    public var options: [String]?
    /// The row's words, where each has a tag; nil where the row has one class.
    public var words: RowWords?

    public init(
      id: String, probabilities: [Double], truth: Int? = nil, options: [String]? = nil, words: RowWords? = nil
    ) {
      self.id = id
      self.words = words
      self.probabilities = probabilities
      self.truth = truth
      self.options = options
    }
  }

  /// Where they come from, for errors.
  public let source: String
  public let rows: [Row]
  /// What rows say.
  public let form: PredictionForm
  /// The name of each class, label or value; nil where no row shows it, because the class is nowhere the most probable one.
  public let labels: [String?]
  /// Whether the file itself names its classes. Files written before that was so have names by what they call the most
  /// probable class alone.
  public let areClassesNamed: Bool
  /// Whether they come from a table, which has the same columns for classes and for options.
  let isTable: Bool
  public var classes: Int { labels.count }

  /// - Throws: `EnsembleError` where there are no rows, an id or a class is there twice, or numbers are not of the form.
  public init(
    _ rows: [Row], labels: [String?], areClassesNamed: Bool = false, form: PredictionForm = .classes, source: String
  ) throws {
    try self.init(
      rows, labels: labels, areClassesNamed: areClassesNamed, form: form, isTable: false, source: source)
  }

  init(
    _ rows: [Row], labels: [String?], areClassesNamed: Bool, form: PredictionForm, isTable: Bool, source: String
  ) throws {
    (self.source, self.rows, self.labels, self.form) = (source, rows, labels, form)
    (self.areClassesNamed, self.isTable) = (areClassesNamed, isTable)
    guard !rows.isEmpty else { throw EnsembleError(source, nil, "has no rows", "give the file that predict wrote") }
    let names = labels.compactMap(\.self)
    precondition(!areClassesNamed || names.count == labels.count, "not every class of \(source) is named")
    precondition(form == .classes || areClassesNamed, "the \(form.noun) of \(source) are not named")
    if case .labels(let thresholds, _) = form {
      precondition(thresholds.count == labels.count, "\(thresholds.count) thresholds for \(labels.count) labels")
    }
    try Self.checkOnce(names, of: form, source, nil)
    var seen = Set<ByteString>()
    for (index, row) in rows.enumerated() {
      try check(row, index)
      guard seen.insert(ByteString(row.id)).inserted else {
        throw EnsembleError(source, index, "has id \(row.id) a second time", "give every row its own id")
      }
    }
  }

  private func check(_ row: Row, _ index: Int) throws {
    guard row.truth.map(labels.indices.contains) ?? true else {
      throw EnsembleError(
        source, index, "has the truth \(row.truth!) of \(labels.count) classes", "give the number of its class")
    }
    if form == .words { return try checkWords(row, index) }
    let count = form == .options ? row.options?.count ?? 0 : labels.count
    guard row.probabilities.count == count, count > 0 else {
      throw EnsembleError(
        source, index, "has \(row.probabilities.count) probabilities, not \(count)",
        "use predictions of models with the same \(form.noun)")
    }
    try Self.checkOnce(row.options ?? [], of: form, source, index)
    if let (problem, advice) = form.problem(with: row.probabilities) {
      throw EnsembleError(source, index, problem, advice)
    }
  }

  private func checkWords(_ row: Row, _ index: Int) throws {
    let count = (row.words?.areRead.count { $0 } ?? 0) * labels.count
    guard row.words != nil, row.probabilities.count == count else {
      throw EnsembleError(
        source, index, "has \(row.probabilities.count) probabilities of tags, not \(count)",
        "give the file that predict wrote")
    }
    for first in stride(from: 0, to: count, by: labels.count) {
      let own = Array(row.probabilities[first..<first + labels.count])
      if let (problem, advice) = form.problem(with: own) { throw EnsembleError(source, index, problem, advice) }
    }
  }

  private static func checkOnce(_ names: [String], of form: PredictionForm, _ source: String, _ index: Int?) throws {
    var known = Set<ByteString>()
    guard let twice = names.first(where: { !known.insert(ByteString($0)).inserted }) else { return }
    throw EnsembleError(
      source, index, "has the \(form.one) \(twice.debugDescription) in two places",
      "give every \(form.one) its own name")
  }

  /// The same rows with their own options; nil where the file says that they have none.
  func withOptions() throws -> Predictions? {
    if form == .options { return self }
    guard form == .classes, isTable, areClassesNamed else { return nil }
    let options = labels.compactMap(\.self)
    return try Predictions(
      rows.map { Row(id: $0.id, probabilities: $0.probabilities, options: options) }, labels: [],
      areClassesNamed: true, form: .options, isTable: true, source: source)
  }
}

extension [Double] {
  /// The place of the largest value, the first of equals; nil where there is none.
  public var largestIndex: Int? { indices.max { self[$0] < self[$1] || (self[$0] == self[$1] && $0 > $1) } }
}
