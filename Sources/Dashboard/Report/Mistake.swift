import Foundation
import Scores

/// A row that a model gets wrong, and how sure it is.
package struct Mistake: Sendable {
  /// The row's number or name.
  var id: String
  /// The beginning of its text, if it has one.
  var text: String
  /// What it is, and what the model says.
  var truth: String
  var prediction: String
  /// The probability of the prediction; of a value how far it is off.
  var measure: Double

  private static let longestText = 280
  static let most = 20

  /// The worst ones, the worst first.
  static func worst(of validation: ReportedRun.Validation) -> [Mistake] {
    let rows = validation.scored
    let found: [(row: Int, truth: String, prediction: String, measure: Double)] =
      switch validation.form {
      case .classes(let names): classes(rows, names)
      case .labels(let names): labels(rows, names)
      case .values(let names): values(rows, names)
      case .words(let tags): words(rows, tags, validation.texts)
      case .other: []
      }
    return found.sorted { ($1.measure, $0.row) < ($0.measure, $1.row) }.prefix(most).map { found in
      let text = found.row < validation.texts.count ? validation.texts[found.row] : nil
      return Mistake(
        id: text?.id ?? String(found.row), text: Self.shortened(text?.text ?? ""), truth: found.truth,
        prediction: found.prediction, measure: found.measure)
    }
  }

  static func shortened(_ text: String) -> String {
    text.count > longestText ? text.prefix(longestText) + "…" : text
  }

  private static func classes(_ rows: ScoredRows, _ names: [String]) -> [(Int, String, String, Double)] {
    (0..<rows.rows).compactMap { row in
      let (target, outputs) = (rows.targets[row * rows.targetWidth], rows.outputs(of: row))
      guard !target.isNaN, let best = outputs.indices.max(by: { outputs[$0] < outputs[$1] }) else { return nil }
      let (label, prediction) = (Int(target), best - outputs.startIndex)
      guard label != prediction else { return nil }
      return (row, names[label], names[prediction], outputs[best])
    }
  }

  /// The label of each row that is wrong with the most confidence.
  private static func labels(_ rows: ScoredRows, _ names: [String]) -> [(Int, String, String, Double)] {
    (0..<rows.rows).compactMap { row in
      let (targets, outputs) = (Array(rows.targets(of: row)), Array(rows.outputs(of: row)))
      let errors = names.indices.map { targets[$0].isNaN ? 0 : abs(targets[$0] - outputs[$0]) }
      guard let worst = errors.max(), worst > 0.5 else { return nil }
      func text(_ isGiven: (Int) -> Bool) -> String {
        let given = names.indices.filter(isGiven).map { names[$0] }
        return given.isEmpty ? "none" : given.joined(separator: ", ")
      }
      return (row, text { targets[$0] > 0.5 }, text { outputs[$0] >= 0.5 }, worst)
    }
  }

  private static func values(_ rows: ScoredRows, _ names: [String]) -> [(Int, String, String, Double)] {
    (0..<rows.rows).compactMap { row in
      let (targets, outputs) = (Array(rows.targets(of: row)), Array(rows.outputs(of: row)))
      let errors = names.indices.map { targets[$0].isNaN ? 0 : abs(targets[$0] - outputs[$0]) }
      guard let worst = names.indices.max(by: { errors[$0] < errors[$1] }), errors[worst] > 0 else { return nil }
      let name = names.count > 1 ? "\(names[worst]) " : ""
      return (row, name + number(targets[worst]), name + number(outputs[worst]), errors[worst])
    }
  }

  private static func number(_ value: Double) -> String { String(format: "%.3g", value) }

  /// Texts with an entity that is missed or made up, by the surest of their wrong words.
  private static func words(
    _ rows: ScoredRows, _ tags: [String], _ texts: [ReportedRun.RowText]
  ) -> [(Int, String, String, Double)] {
    guard let borders = rows.groups else { return [] }
    return zip(borders, borders.dropFirst()).enumerated().compactMap { text, range in
      var (given, predicted, worst): ([String], [String], Double) = ([], [], 0)
      for word in range.0..<range.1 {
        let outputs = Array(rows.outputs(of: word).prefix(tags.count))
        // A chain of tags says which it chose behind the probabilities.
        let chosen = rows.width > tags.count ? Int(rows.outputs[word * rows.width + tags.count]) : outputs.largest
        let label = rows.targets[word * rows.targetWidth]
        predicted.append(tags[min(max(0, chosen), tags.count - 1)])
        given.append(label.isNaN ? "O" : tags[Int(label)])
        if !label.isNaN, Int(label) != chosen { worst = max(worst, outputs[chosen]) }
      }
      guard worst > 0 else { return nil }
      let words = text < texts.count ? texts[text].words : []
      return (text, entities(given, words), entities(predicted, words), worst)
    }
  }

  private static func entities(_ tags: [String], _ words: [String]) -> String {
    let found = EntityTags.entities(tags).map { entity in
      let own = entity.words.filter { $0 < words.count }.map { words[$0] }
      return "\(entity.type): \(own.isEmpty ? "word \(entity.words.lowerBound)" : own.joined(separator: " "))"
    }
    return found.isEmpty ? "none" : found.joined(separator: "; ")
  }
}

extension [Double] {
  /// The place of the largest, the first of equals.
  fileprivate var largest: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
