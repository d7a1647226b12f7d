import Data
import Support

/// How a table writes the labels of a row.
enum LabelSetForm {
  /// A column of 0 and 1 for each label.
  case columns
  /// A list, or labels with a separator between them, in one column.
  case sets(separator: String?)

  /// - Throws: an error of the file where the columns are neither.
  init(_ cells: TargetCells, separator: String?) throws {
    if cells.hasObjects {
      throw cells.error(
        "has objects as labels, which are probabilities of classes",
        remedy: "write lists of labels, or set task.kind to single-label")
    }
    if cells.hasLists || separator != nil {
      guard cells.columns.count == 1 else {
        throw cells.error(
          "has \(cells.columns.count) label columns, and one of lists is read", remedy: "name one in \(cells.setting)")
      }
      self = .sets(separator: separator)
    } else if cells.columns.count > 1 {
      self = .columns
    } else {
      throw cells.error(
        "has one label column, without lists",
        remedy: "name a column for each label in \(cells.setting), or set task.separator to what stands between labels")
    }
  }

  /// What an exported model says of it; nil where that is not a form.
  init?(_ json: [String: Any]?) {
    guard let json else {
      self = .sets(separator: ",")
      return
    }
    switch json["kind"] as? String {
    case "columns": self = .columns
    case "sets" where json["separator"] as? String != "": self = .sets(separator: json["separator"] as? String)
    default: return nil
    }
  }

  var json: [String: Any] {
    switch self {
    case .columns: ["kind": "columns"]
    case .sets(nil): ["kind": "sets"]
    case .sets(let separator?): ["kind": "sets", "separator": separator]
    }
  }

  /// Between labels in a cell of predictions.
  var joint: String { if case .sets(let separator?) = self { separator } else { "," } }

  /// The labels that training rows have, whole numbers in their order and words in that of their UTF-8.
  func names(of cells: TargetCells) throws -> [String] {
    guard case .sets = self else { return cells.columns }
    var known = Set<ByteString>()
    for row in 0..<cells.rowCount { for label in try labels(of: cells, row) { known.insert(ByteString(label)) } }
    let names = known.map(\.text)
    guard names.count > 1 else {
      throw cells.error(
        names.isEmpty ? "has no label in any row" : "has the label \(names[0].debugDescription) alone",
        remedy: "name another column in \(cells.setting)")
    }
    let numbers = names.map { Int($0) }
    return numbers.contains(nil)
      ? names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } : names.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
  }

  /// [rows × labels], 0, 1, or nan where a cell is empty.
  func targets(of cells: TargetCells, names: [String]) throws -> [Float] {
    guard case .sets = self else { return try flags(of: cells, names) }
    let places = Dictionary(zip(names.map(ByteString.init), names.indices)) { first, _ in first }
    var values = [Float](repeating: 0, count: cells.rowCount * names.count)
    for row in 0..<cells.rowCount {
      for label in try labels(of: cells, row) {
        guard let place = places[ByteString(label)] else {
          throw cells.error(
            row: row, "label \(label.debugDescription) is not one of \(names.inShort)",
            remedy: "correct the label, or add training rows that have it")
        }
        values[row * names.count + place] = 1
      }
    }
    return values
  }

  private func flags(of cells: TargetCells, _ names: [String]) throws -> [Float] {
    guard cells.columns.count == names.count else {
      throw cells.error(
        "has \(cells.columns.count) label columns, and the model \(names.count) labels (\(names.inShort))",
        remedy: "name a column for each in \(cells.setting)")
    }
    // Columns may stand in another order than the model's labels, which are called as they are.
    let places = names.map { name in cells.columns.firstIndex(of: name) }
    return try (0..<cells.rowCount).flatMap { row in
      try names.indices.map { label in
        let column = places.contains(nil) ? label : places[label] ?? label
        let text = cells.cells[row * names.count + column]
        switch text {
        case "1", "1.0", "true", "True": return 1
        case "0", "0.0", "false", "False": return 0
        case "": return .nan
        default:
          throw cells.error(
            row: row, "label \(text.debugDescription) of \(cells.columns[column].debugDescription) is neither 0 nor 1",
            remedy: "write 1 where the row has the label and 0 where it has not")
        }
      }
    }
  }

  /// The labels of a row's cell.
  private func labels(of cells: TargetCells, _ row: Int) throws -> [String] {
    guard case .sets(let separator) = self else { return [] }
    if let labels = cells.list(row) { return labels }
    guard cells.object(row) == nil else {
      throw cells.error(row: row, "has an object as its labels", remedy: "write the list of its labels")
    }
    guard let separator else { return [cells.first(row)] }
    return cells.first(row).split(separator: separator).map { $0.trimmed() }.filter { !$0.isEmpty }
  }
}
