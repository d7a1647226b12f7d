import Support

/// Whether the first line of a comma- or tab-separated file names its columns.
enum HeaderGuess {
  /// - Parameter knownNames: what columns are usually called, in small letters without blanks at the ends.
  static func hasHeader(_ records: [[String]], knownNames: Set<String>) -> Bool {
    guard let first = records.first else { return true }
    let rest = records.dropFirst().prefix(5000)
    if first.contains(where: { knownNames.contains($0.trimmed().lowercased()) }) { return true }
    for (column, field) in first.enumerated() where !field.isEmpty {
      // A value like those below it, where they repeat, or a number above numbers.
      if WholeNumber.decimal(field) != nil { return false }
      if rest.count > 1, rest.count(where: { $0[column] == field }) * 1000 > rest.count { return false }
    }
    return !first.contains { $0.utf8.count > 50 || $0.split(whereSeparator: \.isWhitespace).count > 4 }
  }
}
