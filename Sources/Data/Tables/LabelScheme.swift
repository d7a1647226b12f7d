import Support
import Tensors
import Text

/// How the labels of a table become classes.
public enum LabelScheme: Sendable, Hashable {
  /// The label is the class.
  case integers(classes: Int)
  /// The class is the place of the label among these names.
  case names([String])
  /// The label is the class, and the classes have names.
  case indices(of: [String])

  public var classes: Int {
    switch self {
    case .integers(let classes): classes
    case .names(let names), .indices(let names): names.count
    }
  }

  /// The names of the classes, or nil where they are only numbered.
  public var names: [String]? {
    switch self {
    case .integers: nil
    case .names(let names), .indices(let names): names
    }
  }

  /// What each class is called: its name, or else its number.
  public var classNames: [String] { names ?? (0..<classes).map { String($0) } }

  /// The scheme that training data asks for: integers if the labels are 0, 1 … without a gap (or all are below the number
  /// of classes that is given), else names: whole numbers in their order, words in the order of their UTF-8.
  ///
  /// - Parameter labels: the number of classes that the user expects, if any.
  init(of counts: LabelCounts, labels: Int?, vocabulary: ColumnVocabulary = .recipe) throws(LabelProblem) {
    let entries = counts.entries
    if entries.count == 1 { throw .single(entries[0], vocabulary: vocabulary) }
    let values = entries.map { WholeNumber.value(of: $0.label) }
    if let bad = zip(entries, values).first(where: { $1 == nil && WholeNumber.decimal($0.label) != nil })?.0,
      entries.allSatisfy({ WholeNumber.decimal($0.label) != nil || Self.isMissing($0.label) })
    {
      throw .fraction(bad, vocabulary: vocabulary)
    }
    if let missing = entries.first(where: { Self.isMissing($0.label) }),
      entries.allSatisfy({ WholeNumber.decimal($0.label) != nil || Self.isMissing($0.label) })
    {
      throw .missing(missing)
    }
    guard !values.contains(nil) else {
      let names = entries.map(\.label).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      try Self.check(names.count, labels, counts)
      self = .names(names)
      return
    }
    let numbers = Set(values.compactMap(\.self))
    if numbers.count == 1 { throw .single(entries[0], vocabulary: vocabulary) }
    if let labels, numbers.allSatisfy({ 0..<labels ~= $0 }) {
      self = .integers(classes: labels)
      return
    }
    try Self.check(numbers.count, labels, counts)
    if numbers.min() == 0, numbers.max() == numbers.count - 1 {
      self = .integers(classes: numbers.count)
    } else {
      self = .names(numbers.sorted().map { Self.spelling(of: $0, in: entries) })
    }
  }

  private static func check(_ found: Int, _ labels: Int?, _ counts: LabelCounts) throws(LabelProblem) {
    if let labels, found > labels { throw .tooMany(counts, labels: labels) }
  }

  /// What data frames write where there is no number.
  private static func isMissing(_ label: String) -> Bool {
    ["nan", "na", "n/a", "none", "null"].contains(label.lowercased())
  }

  /// A whole number as the table writes it, such as "007", where it writes it in one way.
  private static func spelling(of value: Int, in entries: [LabelCounts.Entry]) -> String {
    let spellings = entries.filter { WholeNumber.value(of: $0.label) == value }.map(\.label)
    return spellings.count == 1 && Int(spellings[0]) != nil ? spellings[0] : String(value)
  }

  /// Gives the class of each label; nil for one that has none.
  var lookup: (String) -> Int32? {
    let count = classes
    func number(_ label: String) -> Int32? {
      WholeNumber.value(of: label).flatMap { 0..<count ~= $0 ? Int32($0) : nil }
    }
    guard case .names(let names) = self else { return number }
    let places = Dictionary(zip(names.map(ByteString.init), Int32(0)...)) { first, _ in first }
    let values = names.map(WholeNumber.value(of:))
    let numbers =
      values.contains(nil) ? [:] : Dictionary(zip(values.compactMap(\.self), Int32(0)...)) { first, _ in first }
    return { label in places[ByteString(label)] ?? WholeNumber.value(of: label).flatMap { numbers[$0] } }
  }

  /// The class of a label; nil if it has none.
  public func place(of label: String) -> Int32? { lookup(label) }

  /// The class of every row, by the cells of its first label column.
  ///
  /// - Throws: for the first label that has no class.
  public func classes(of cells: TargetCells) throws -> [Int32] {
    let lookup = lookup
    var known: [ByteString: Int32] = [:]
    var classes: [Int32] = []
    classes.reserveCapacity(cells.rowCount)
    for row in 0..<cells.rowCount {
      let label = cells.first(row)
      let key = ByteString(label)
      guard let value = known[key] ?? lookup(label) else {
        throw cells.error(problem(label, line: cells.lines[row], cells.vocabulary))
      }
      known[key] = value
      classes.append(value)
    }
    return classes
  }

  /// - Throws: `TableError` for the first label that has no class.
  public func classes(of table: Table) throws -> [Int32] { try classes(of: table.targetCells) }

  /// Why a label has no class.
  func problem(_ label: String, line: Int, _ words: ColumnVocabulary) -> LabelProblem {
    switch self {
    case .names(let names): .unknown(label, line: line, names: names, words)
    case .integers, .indices: .outOfRange(label, line: line, classes: classes, names: names, words)
    }
  }
}

extension LabelScheme {
  /// The scheme that labels ask for, as `init(of:labels:)` finds it.
  /// - Throws: an error that names the file, and the line where there is one.
  public init(of cells: TargetCells, labels: Int?) throws {
    if cells.hasLists, let row = (0..<cells.rowCount).first(where: { cells.list($0) != nil || cells.object($0) != nil })
    {
      throw cells.error(
        row: row, "\(quoted(cells.columns[0])) holds \(cells.list(row) == nil ? "an object" : "a list"), not one value",
        remedy: "write one value a row, or name another key in \(cells.setting)")
    }
    do throws(LabelProblem) {
      try self.init(of: LabelCounts(of: cells), labels: labels, vocabulary: cells.vocabulary)
    } catch {
      throw cells.error(error)
    }
  }

  /// - Throws: `TableError`.
  public init(of table: Table, labels: Int?) throws { try self.init(of: table.targetCells, labels: labels) }
}

/// Where a dataset takes its label scheme from.
public enum LabelSource: Sendable, Hashable {
  /// From its own labels: training data. The number of classes is a check alone.
  case inferred(labels: Int?)
  /// From the training data: validation and test data.
  case scheme(LabelScheme)
  /// From a trained model, whose classes have these names: labels are names, or, if all of them are whole numbers and the
  /// names are not, places among the names.
  case model([String])

  public func scheme(for cells: TargetCells) throws -> LabelScheme {
    switch self {
    case .inferred(let labels): try LabelScheme(of: cells, labels: labels)
    case .scheme(let scheme): scheme
    case .model(let names): Self.scheme(of: names, for: LabelCounts(of: cells).entries.map(\.label))
    }
  }

  /// The scheme of a model's classes that these labels ask for.
  public static func scheme(of names: [String], for labels: [String]) -> LabelScheme {
    let known = Set(names.map(ByteString.init))
    if labels.allSatisfy({ known.contains(ByteString($0)) }) || names.allSatisfy({ WholeNumber.value(of: $0) != nil }) {
      return .names(names)
    }
    guard labels.allSatisfy({ WholeNumber.value(of: $0) != nil }) else { return .names(names) }
    return isNumbered(names) ? .integers(classes: names.count) : .indices(of: names)
  }

  /// Whether classes have no other names than `LABEL_0`, `LABEL_1` ….
  public static func isNumbered(_ names: [String]) -> Bool { names == names.indices.map { "LABEL_\($0)" } }
}
