import Data

/// What the values of one column are like.
struct ColumnFacts {
  /// As the table has it.
  let name: String
  /// In small letters, without blanks at the ends.
  let plainName: String
  /// Rows with a value.
  let present: Int
  let rows: Int
  /// How often each value stands there; values of lists by their elements.
  let counts: [String: Int]
  /// Of UTF-8, of a value.
  let meanLength: Double
  let hasLists: Bool
  let isDecimal: Bool
  let isWhole: Bool
  /// What separates several labels in a value; nil where values are not lists in this form.
  let delimiter: Character?

  init(_ name: String, _ values: [RawTable.Value]) {
    self.name = name
    plainName = name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    rows = values.count
    let texts = values.flatMap(\.texts)
    present = values.count { $0 != .missing }
    counts = texts.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    meanLength = texts.isEmpty ? 0 : Double(texts.reduce(0) { $0 + $1.utf8.count }) / Double(texts.count)
    hasLists = values.contains { if case .list = $0 { true } else { false } }
    let distinct = counts.keys
    isDecimal = !distinct.isEmpty && distinct.allSatisfy { WholeNumber.decimal($0) != nil }
    isWhole = isDecimal && distinct.allSatisfy { WholeNumber.value(of: $0) != nil }
    delimiter = isDecimal || hasLists ? nil : Self.delimiter(in: counts)
  }

  /// Whether both labels of two are there, as 0 and 1.
  var isBinary: Bool { isWhole && counts.keys.allSatisfy { [0, 1].contains(WholeNumber.value(of: $0)) } }

  /// Whether values are texts that one reads.
  var isText: Bool { !hasLists && !isDecimal && meanLength >= 12 && counts.count * 3 > present && present * 2 > rows }

  /// Whether values could name rows: one each, and short.
  var isName: Bool {
    !hasLists && present == rows && counts.count == rows && rows > 1 && meanLength <= 40
      && counts.keys.allSatisfy { !$0.contains(where: \.isWhitespace) } && (!isDecimal || isWhole)
  }

  /// Whether values are few, so that each may be a class.
  var isCategorical: Bool {
    !hasLists && counts.count > 1 && present == rows && counts.count <= max(20, rows / 10) && meanLength <= 40
  }

  /// The labels of all values, and their rows.
  var labels: [String: Int] {
    guard let delimiter else { return counts }
    return counts.reduce(into: [:]) { sum, entry in
      for part in Self.parts(entry.key, delimiter) { sum[part, default: 0] += entry.value }
    }
  }

  private static func parts(_ value: String, _ delimiter: Character) -> [String] {
    value.split(separator: delimiter).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
  }

  /// Labels are few, short, and each of most of them stands in several rows; texts with commas are not like that.
  private static func delimiter(in counts: [String: Int]) -> Character? {
    let rows = counts.values.reduce(0, +)
    return [",", "|", ";"].first { delimiter in
      let joined = counts.filter { $0.key.contains(delimiter) }
      guard joined.values.reduce(0, +) * 200 > rows else { return false }
      var parts: [String: Int] = [:]
      for (value, count) in counts { for part in Self.parts(value, delimiter) { parts[part, default: 0] += count } }
      let repeated = parts.values.count { $0 > 1 }
      return parts.count > 1 && parts.count <= max(20, rows / 10) && repeated * 2 > parts.count
        && parts.keys.allSatisfy { $0.utf8.count <= 40 }
    }
  }
}
