import Training

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
    let answers = rows.map { row in
      AnswerText.Row(id: row.id, answer: Answer(class: row.label, probabilities: row.probabilities, of: classes))
    }
    return AnswerText.text(answers, as: format, columns: ["label"] + classes, names: classes)
  }

  /// The classes that columns of probabilities are named by, without columns of scores behind them.
  static func classes(of columns: [String]) -> [String] {
    let half = columns.count / 2
    let scores = columns[..<half].map { AnswerText.scoreMark + $0 }
    let hasScores = columns.count == 2 * half && columns[half...].elementsEqual(scores)
    return hasScores ? Array(columns[..<half]) : columns
  }
}
