/// What predictions say of a row. The members of a line, or the header of a table, show it:
///
///     {"id": 3, "label": "yes", "probabilities": [0.25, 0.75], "classes": ["no", "yes"]}
///     {"id": 3, "label": "B", "probabilities": [0.25, 0.75], "options": ["A", "B"]}
///     {"id": 3, "labels": ["joy"], "probabilities": [0.9, 0.2], "classes": ["joy", "fear"], "thresholds": [0.4, 0.6]}
///     {"id": 3, "value": 2.5}                or any other name of one number
///     {"id": 3, "values": {"cohesion": 2.5, "syntax": 3.0}}
///     {"id": 3, "entities": […], "tags": ["O"], "text": "a", "places": [[0, 1]], "probabilities": [[0.9, 0.1]], "classes": ["O", "B-x"]}
public enum PredictionForm: Sendable, Equatable {
  /// One class of several, the same for every row.
  case classes
  /// One of the row's own options.
  case options
  /// Any number of labels: each from its threshold on, 0.5 where a file says none. In a cell of a table they stand with
  /// `joint` between them.
  case labels(thresholds: [Double], joint: String)
  /// Numbers that are not probabilities.
  case values
  /// A class of each word of a text.
  case words

  /// What the numbers of a row are of.
  var noun: String {
    switch self {
    case .classes: "classes"
    case .options: "options"
    case .labels: "labels"
    case .values: "values"
    case .words: "tags of words"
    }
  }

  /// One of them.
  var one: String { self == .classes ? "class" : self == .words ? "tag" : String(noun.dropLast()) }

  /// Why a row, or one of its words, cannot have these numbers, and what to do; nil where it can.
  func problem(with numbers: [Double]) -> (problem: String, advice: String)? {
    switch self {
    case .classes, .options, .words:
      let sum = numbers.reduce(0, +)
      if numbers.allSatisfy({ $0 >= 0 }), abs(sum - 1) < 1e-3 { return nil }
      let found = sum.isNaN ? "that are not numbers" : "that sum to \(sum)"
      return ("has probabilities \(found)", "give probabilities, not scores")
    case .labels:
      if numbers.allSatisfy({ 0...1 ~= $0 }) { return nil }
      return ("has probabilities that are not from 0 to 1", "give probabilities, not scores")
    case .values:
      if numbers.allSatisfy(\.isFinite) { return nil }
      return ("has values that are not finite", "leave this model out, or predict again")
    }
  }
}
