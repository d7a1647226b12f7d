import Data
import Support
import Training

/// What an ensemble predicts, in the form of what its models predict.
extension Ensemble {
  /// - Parameter place: of the class or option.
  func predicted(_ row: Int, place: Int, _ numbers: [Double], thresholds: [Double]? = nil) -> PredictedRow {
    let (id, options, words) = (models[0].rows[row].id, models[0].rows[row].options, models[0].rows[row].words)
    func calling(_ label: String) -> PredictedRow {
      PredictedRow(
        id: id, label: label, probabilities: numbers, thresholds: thresholds, options: options, words: words)
    }
    switch form {
    case .classes: return calling(labels[place])
    case .options: return calling((options ?? [])[place])
    case .labels, .values, .words: return calling(answer(calling("")).cells[0])
    }
  }

  /// The answer as `lockstep predict` writes it.
  public func answer(_ row: PredictedRow) -> Answer {
    switch form {
    case .classes: Answer(class: row.label, probabilities: row.probabilities, of: labels)
    case .options: Answer(option: row.label, probabilities: row.probabilities, of: row.options ?? [])
    case .labels(_, let joint):
      Answer(
        labels: labels, probabilities: row.probabilities, thresholds: row.thresholds ?? labels.map { _ in 0.5 },
        joint: joint)
    case .values: Answer(values: row.probabilities, named: labels)
    case .words:
      Answer(
        tags: stride(from: 0, to: row.probabilities.count, by: labels.count).map { first in
          labels[Array(row.probabilities[first..<first + labels.count]).largestIndex ?? 0]
        }, on: row.words ?? RowWords(text: "", places: [], areRead: []), probabilities: row.probabilities, of: labels)
    }
  }

  /// The names of the columns of `Answer.cells`.
  /// - Throws: `EnsembleError` where a table cannot hold the options of all rows.
  public func answerColumns() throws -> [String] {
    switch form {
    case .classes: return ["label"] + labels
    case .labels: return ["labels"] + labels
    case .values: return labels
    case .words: return Answer.wordColumns
    case .options:
      let options = models[0].rows.map { $0.options ?? [] }
      let longest = options.max { $0.count < $1.count } ?? []
      guard let other = options.first(where: { !$0.haveSameBytes(as: longest.prefix($0.count)) }) else {
        return ["label"] + longest
      }
      throw EnsembleError(
        models[0].source, nil,
        "has rows with the options \(named(other)) and with \(named(longest)), which have no columns in common",
        "name the output .jsonl")
    }
  }
}
