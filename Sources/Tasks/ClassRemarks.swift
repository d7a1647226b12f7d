import Data

/// Signs that some of a run's classes are mistakes in the labels.
package enum ClassRemarks {
  /// A line for each sign.
  package static func notes(on classes: [ClassCount]) -> [String] {
    [twins(classes), mixture(classes), rarity(classes)].compactMap(\.self)
  }

  /// Names that differ in capitals, blanks or the spelling of accents alone.
  private static func twins(_ classes: [ClassCount]) -> String? {
    var known: [String: String] = [:]
    for name in classes.map(\.name) {
      if let other = known.updateValue(name, forKey: name.lowercased().filter { !$0.isWhitespace }) {
        return
          "the classes \(quoted(other)) and \(quoted(name)) differ in capitals, blanks or the encoding of accents alone;"
          + " correct the labels if they are one"
      }
    }
    return nil
  }

  /// Numbers and words.
  private static func mixture(_ classes: [ClassCount]) -> String? {
    let words = classes.filter { Double($0.name).map { !$0.isFinite } ?? true }
    guard let word = words.min(by: { $0.rows < $1.rows }), words.count < classes.count else { return nil }
    return
      "some classes are numbers and others words, such as \(quoted(word.name)) (\(rows(word.rows))); correct the labels"
      + " if that is a mistake"
  }

  /// One row among many.
  private static func rarity(_ classes: [ClassCount]) -> String? {
    let single = classes.filter { $0.rows == 1 }
    let total = classes.reduce(0) { $0 + $1.rows }
    guard let first = single.first, total >= 20 * classes.count else { return nil }
    let others = single.count > 1 ? " (and \(single.count - 1) more)" : ""
    return "the class \(quoted(first.name))\(others) has 1 row of \(total); correct the label if it is a mistake"
  }

  private static func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }

  private static func quoted(_ name: String) -> String {
    name.count > 60 ? String(name.prefix(60)).debugDescription + "…" : name.debugDescription
  }
}
