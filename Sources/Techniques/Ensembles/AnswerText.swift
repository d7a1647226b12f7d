import Support
import Training

/// Answers of any task as text: JSON lines, or a table with the columns of the task.
public enum AnswerText {
  /// Before the name of a score in the header of a table.
  static let scoreMark = "score:"

  /// A row's id, what is predicted of it, and its scores where they are asked for.
  public struct Row: Sendable {
    public var id: String
    public var answer: Answer
    public var scores: [Double]?
    /// Whether the long members of a JSON line are written.
    public var hasDetails: Bool

    public init(id: String, answer: Answer, scores: [Double]? = nil, hasDetails: Bool = false) {
      (self.id, self.answer, self.scores, self.hasDetails) = (id, answer, scores, hasDetails)
    }

    /// Members behind those of the answer.
    fileprivate var more: [(String, JSONLine)] {
      (hasDetails ? answer.details.map { ($0.name, $0.value) } : [])
        + (scores.map { [("scores", .array($0.map(JSONLine.number)))] } ?? [])
    }
  }

  /// - Parameters:
  ///   - columns: of the answers' cells; those at the end that no row fills are left out.
  ///   - names: of the scores.
  public static func text(_ rows: [Row], as format: PredictionFormat, columns: [String], names: [String]) -> String {
    guard format != .jsonl else {
      return rows.map { row in
        line(id: row.id, row.answer, more: row.more) + "\n"
      }.joined()
    }
    let hasScores = rows.contains { $0.scores != nil }
    // Rows may have answers of unequal width, such as a probability for each of their options.
    let width = rows.map(\.answer.cells.count).max() ?? columns.count
    let table = TextTable(
      header: ["id"] + columns.prefix(width) + (hasScores ? names.map { scoreMark + $0 } : []),
      records: rows.map { row in
        let missing = [String](repeating: "", count: width - row.answer.cells.count)
        return [row.id] + row.answer.cells + missing + (row.scores ?? []).map { "\($0)" }
      })
    return table.text(separator: format == .csv ? .comma : .tab)
  }

  /// One JSON line, without its end.
  public static func line(id: String, _ answer: Answer, more: [(String, JSONLine)] = []) -> String {
    JSONLine.object([("id", self.id(id))] + answer.fields.map { ($0.name, $0.value) } + more).description
  }

  /// A whole number as one; every other id as it is written, leading zeros included.
  private static func id(_ text: String) -> JSONLine {
    Int(text).flatMap { String($0) == text ? .integer($0) : nil } ?? .string(text)
  }
}
