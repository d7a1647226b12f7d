import Tensors

/// How the labels of a table become classes.
public enum LabelScheme: Sendable, Hashable {
  /// The label is the class.
  case integers(classes: Int)
  /// The class is the place of the label among these names.
  case names([String], classes: Int)

  public var classes: Int {
    switch self {
    case .integers(let classes), .names(_, let classes): classes
    }
  }

  /// The names of the classes, or nil where labels are numbers.
  public var names: [String]? {
    guard case .names(let names, _) = self else { return nil }
    return names
  }

  /// The scheme that training data asks for: integers if every label is one, else its names in the order of their
  /// UTF-8.
  ///
  /// - Throws: `TableError` if there are more names than classes.
  public init(of table: Table, classes: Int) throws {
    require(classes > 0, "\(classes) classes")
    if table.rows.allSatisfy({ $0.label.map { Int($0) != nil } ?? true }) {
      self = .integers(classes: classes)
      return
    }
    var names: Set<String> = []
    for row in table.rows {
      guard let label = row.label, names.insert(label).inserted, names.count > classes else { continue }
      throw TableError.tooManyLabels(file: table.file, line: row.line, label: label, classes: classes)
    }
    self = .names(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, classes: classes)
  }

  /// The class of every row; -1 for a row without a label.
  ///
  /// - Throws: `TableError` for the first label that has no class.
  public func classes(of table: Table) throws -> [Int32] {
    switch self {
    case .integers(let classes):
      return try table.rows.map { row in
        guard let label = row.label else { return -1 }
        guard let value = Int(label), 0..<classes ~= value else {
          throw TableError.labelOutOfRange(file: table.file, line: row.line, label: label, classes: classes)
        }
        return Int32(value)
      }
    case .names(let names, _):
      let classes = Dictionary(zip(names, Int32(0)...)) { first, _ in first }
      return try table.rows.map { row in
        guard let label = row.label else { return -1 }
        guard let value = classes[label] else {
          throw TableError.unknownLabel(file: table.file, line: row.line, label: label, names: names)
        }
        return value
      }
    }
  }
}

/// Where a dataset takes its label scheme from.
public enum LabelSource: Sendable, Hashable {
  /// From its own labels: training data.
  case inferred(classes: Int)
  /// From the training data: validation and test data.
  case scheme(LabelScheme)

  func scheme(for table: Table) throws -> LabelScheme {
    switch self {
    case .inferred(let classes): try LabelScheme(of: table, classes: classes)
    case .scheme(let scheme): scheme
    }
  }
}
