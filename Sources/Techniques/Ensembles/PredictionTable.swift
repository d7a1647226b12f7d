import Data
import Support

/// A table of predictions: `id`, then `label` and a column a class or option, `labels` and a column a label, or a column a
/// value.
struct PredictionTable {
  let lines: [PredictionLine]
  /// What stands between the labels of a cell.
  private(set) var joint = ","

  private static let remedy = "give the file that predict wrote"

  /// - Throws: `EnsembleError` that names the line.
  init(_ table: DelimitedTable) throws {
    let said = table.header.count > 1 ? table.header[1] : ""
    let isNamed = ["label", "labels"].contains(said)
    guard table.header.first == "id", table.header.count > (isNamed ? 2 : 1) else {
      throw EnsembleError(
        table.file, 0, "is not a header of id, label and a column a class, or of id and a column a value", Self.remedy)
    }
    switch said {
    case "tags": throw WordLine.without(table.file, 0)
    case "label": lines = try Self.labelled(table)
    case "labels": (lines, joint) = try Self.labelSets(table)
    default:
      // Scores stand behind the values.
      let names = table.header.dropFirst().prefix { !$0.hasPrefix(AnswerText.scoreMark) }
      lines = try table.records.map { record in
        PredictionLine(
          index: record.line - 1, id: record.fields[0], saying: .values,
          numbers: try Self.numbers(record.fields[1..<1 + names.count], line: record.line, table, "values"),
          names: Array(names))
      }
    }
  }

  private static func numbers(
    _ cells: ArraySlice<String>, line: Int, _ table: DelimitedTable, _ noun: String
  ) throws -> [Double] {
    let numbers = cells.compactMap(Double.init)
    guard numbers.count == cells.count else {
      throw EnsembleError(
        table.file, line - 1, "has \(noun) that are not numbers", "leave this model out, or predict again")
    }
    return numbers
  }

  /// Rows of one class; of one of their own options where some row leaves the last columns empty.
  private static func labelled(_ table: DelimitedTable) throws -> [PredictionLine] {
    let names = PredictionText.classes(of: Array(table.header[2...]))
    let cells = table.records.map { $0.fields[2..<2 + names.count] }
    let haveOptions = cells.contains { $0.last?.isEmpty == true }
    return try zip(table.records, cells).map { record, cells in
      let own = haveOptions ? cells.prefix(cells.lastIndex { !$0.isEmpty }.map { $0 - 1 } ?? 0) : cells
      return PredictionLine(
        index: record.line - 1, id: record.fields[0],
        saying: haveOptions ? .option(record.fields[1]) : .label(record.fields[1]),
        numbers: try numbers(own, line: record.line, table, "probabilities"), names: Array(names.prefix(own.count)))
    }
  }

  /// Rows of any number of labels, whose cell must hold those of a probability from 0.5 on: a table says no thresholds.
  private static func labelSets(_ table: DelimitedTable) throws -> ([PredictionLine], joint: String) {
    let names = PredictionText.classes(of: Array(table.header[2...]))
    let rows = try table.records.map { record in
      let numbers = try numbers(record.fields[2..<2 + names.count], line: record.line, table, "probabilities")
      return (record: record, numbers: numbers, given: names.indices.filter { numbers[$0] >= 0.5 }.map { names[$0] })
    }
    let joint = rows.lazy.compactMap { Self.joint(of: $0.given, in: $0.record.fields[1]) }.first ?? ","
    let lines = try rows.map { record, numbers, given in
      guard given.joined(separator: joint).hasSameBytes(as: record.fields[1]) else {
        throw EnsembleError(
          table.file, record.line - 1,
          "has the labels \(record.fields[1].debugDescription), and its probabilities from 0.5 on are those of "
            + (given.isEmpty ? "none" : named(given)),
          "write it again with lockstep predict as .jsonl, which holds the thresholds of the labels")
      }
      return PredictionLine(
        index: record.line - 1, id: record.fields[0], saying: .labels(given, thresholds: nil), numbers: numbers,
        names: names)
    }
    return (lines, joint)
  }

  /// What stands between these labels in a cell; nil where the cell does not say.
  private static func joint(of labels: [String], in cell: String) -> String? {
    guard labels.count > 1 else { return nil }
    let (length, gaps) = (cell.utf8.count - labels.reduce(0) { $0 + $1.utf8.count }, labels.count - 1)
    guard length > 0, length % gaps == 0 else { return nil }
    return String(decoding: cell.utf8.dropFirst(labels[0].utf8.count).prefix(length / gaps), as: UTF8.self)
  }
}
