/// Why a table cannot be used; lines are counted from 1, and a row's line is its first.
public enum TableError: Error, Equatable, CustomStringConvertible, Sendable {
  case unknownFormat(file: String)
  case empty(file: String)
  /// A header alone.
  case noRows(file: String)
  case invalidUTF8(file: String, line: Int)
  case missingColumn(file: String, column: String, found: [String])
  case columnCount(file: String, line: Int, found: Int, expected: Int)
  /// Broken quoting or broken JSON.
  case malformed(file: String, line: Int, reason: String)
  case missingKey(file: String, line: Int, key: String, found: [String])
  case unusableValue(file: String, line: Int, column: String, expected: String)
  case missingLabel(file: String, line: Int, column: String)
  case labelOutOfRange(file: String, line: Int, label: String, classes: Int)
  /// More different labels than classes; the line is that of the first label too many.
  case tooManyLabels(file: String, line: Int, label: String, classes: Int)
  /// A label that the training data does not have.
  case unknownLabel(file: String, line: Int, label: String, names: [String])

  public var description: String {
    switch self {
    case .unknownFormat(let file):
      "\(file): unknown kind of table: give a .tsv, .csv, .json or .jsonl file"
    case .empty(let file):
      "\(file): the file is empty: give a table with at least one row"
    case .noRows(let file):
      "\(file): no row after the header: give a table with at least one row"
    case .invalidUTF8(let file, let line):
      "\(file): line \(line) is not UTF-8: convert the file to UTF-8"
    case .missingColumn(let file, let column, let found):
      "\(file): no column \(quoted(column)) (found: \(list(found))): name one of these in data.columns"
    case .columnCount(let file, let line, let found, let expected):
      "\(file): line \(line) has \(found) columns, the header \(expected): correct the row"
    case .malformed(let file, let line, let reason):
      "\(file): line \(line): \(reason): correct the row"
    case .missingKey(let file, let line, let key, let found):
      "\(file): line \(line) has no key \(quoted(key)) (found: \(list(found))): add it, or name another in data.columns"
    case .unusableValue(let file, let line, let column, let expected):
      "\(file): line \(line): \(quoted(column)) is not \(expected): correct the row"
    case .missingLabel(let file, let line, let column):
      "\(file): line \(line) has no label in \(quoted(column)): add the label or remove the row"
    case .labelOutOfRange(let file, let line, let label, let classes):
      "\(file): line \(line): label \(quoted(label)) is not in 0 ..< \(classes): correct it, or set model.labels"
    case .tooManyLabels(let file, let line, let label, let classes):
      "\(file): line \(line): label \(quoted(label)) is one more than the \(classes) of model.labels: correct it, "
        + "or set model.labels"
    case .unknownLabel(let file, let line, let label, let names):
      "\(file): line \(line): label \(quoted(label)) is none of the training data's (\(list(names))): correct it"
    }
  }

  /// A value from a file, safe to show: one line, not too long.
  private func quoted(_ text: String) -> String {
    text.unicodeScalars.count <= 60 ? text.debugDescription : String(text.prefix(60)).debugDescription + "…"
  }

  private func list(_ names: [String]) -> String {
    names.prefix(20).map(quoted).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
  }
}
