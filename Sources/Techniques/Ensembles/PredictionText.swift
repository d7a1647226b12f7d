import Support
import Training

/// How predictions are written.
public enum PredictionFormat: String, Sendable, CaseIterable {
  case jsonl, csv, tsv

  /// By the ending of a file's name; `.json` holds lines as `.jsonl` does.
  /// - Throws: `EnsembleError` for any other ending.
  public init(file: String) throws {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    switch name.contains(".") ? name.lowercased().split(separator: ".").last : nil {
    case "jsonl", "json": self = .jsonl
    case "csv": self = .csv
    case "tsv": self = .tsv
    default:
      throw EnsembleError(
        file, nil, "has an ending that does not say how to write it", "name the file .jsonl, .csv or .tsv")
    }
  }
}

/// Predictions as text: JSON lines, or a table with a column a class.
///
///     {"id": 3, "label": "yes", "probabilities": [0.25, 0.75], "classes": ["no", "yes"]}
///
///     id,label,no,yes
///     3,yes,0.25,0.75
public struct PredictionText: Sendable {
  public let format: PredictionFormat
  public let classes: [String]

  public init(_ format: PredictionFormat, classes: [String]) {
    self.format = format
    self.classes = classes
  }

  public func text(_ rows: [PredictedRow]) -> String {
    switch format {
    case .jsonl: rows.map { json($0).description + "\n" }.joined()
    case .csv: table(rows).text(separator: .comma)
    case .tsv: table(rows).text(separator: .tab)
    }
  }

  private func json(_ row: PredictedRow) -> JSONLine {
    var pairs: [(String, JSONLine)] = [
      ("id", Self.id(row.id)), ("label", .string(row.label)),
      ("probabilities", .array(row.probabilities.map(JSONLine.number))),
      ("classes", .array(classes.map(JSONLine.string))),
    ]
    if let scores = row.scores { pairs.append(("scores", .array(scores.map(JSONLine.number)))) }
    if let truth = row.truth { pairs.append(("truth", .integer(truth))) }
    return .object(pairs)
  }

  /// A whole number as one; every other id as it is written, leading zeros included.
  static func id(_ text: String) -> JSONLine {
    Int(text).flatMap { String($0) == text ? .integer($0) : nil } ?? .string(text)
  }

  private func table(_ rows: [PredictedRow]) -> TextTable {
    let hasScores = rows.contains { $0.scores != nil }
    return TextTable(
      header: ["id", "label"] + classes + (hasScores ? classes.map { Self.scoreMark + $0 } : []),
      records: rows.map { row in
        [row.id, row.label] + (row.probabilities + (row.scores ?? [])).map { "\($0)" }
      })
  }

  /// Before the class in the name of a column of scores.
  private static let scoreMark = "score:"

  /// The classes that columns of probabilities are named by, without columns of scores behind them.
  static func classes(of columns: [String]) -> [String] {
    let half = columns.count / 2
    let hasScores = columns.count == 2 * half && columns[half...].elementsEqual(columns[..<half].map { scoreMark + $0 })
    return hasScores ? Array(columns[..<half]) : columns
  }
}
