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
    // Rows may have answers and scores of unequal number, such as a probability for each of their options.
    let width = rows.map(\.answer.cells.count).max() ?? columns.count
    let scoreNames = self.scoreNames(of: rows, columns: columns, names: names)
    let table = TextTable(
      header: ["id"] + columns.prefix(width) + scoreNames.map { scoreMark + $0 },
      records: rows.map { row in
        [row.id] + filled(row.answer.cells, to: width)
          + filled((row.scores ?? []).map { "\($0)" }, to: scoreNames.count)
      })
    return table.text(separator: format == .csv ? .comma : .tab)
  }

  /// A name for each score of the row that has most: those of the model's scores, else of the answers' columns, else numbers.
  private static func scoreNames(of rows: [Row], columns: [String], names: [String]) -> [String] {
    let counts = Set(rows.compactMap { $0.scores?.count })
    guard let most = counts.max() else { return [] }
    if counts == [names.count] { return names }
    return columns.count > most ? Array(columns[1...most]) : (0..<most).map { String($0) }
  }

  private static func filled(_ cells: [String], to width: Int) -> [String] {
    cells + [String](repeating: "", count: width - cells.count)
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
