/// A value from a file, safe to show: one line, not too long.
func quoted(_ text: String) -> String {
  text.unicodeScalars.count <= 60 ? text.debugDescription : String(text.prefix(60)).debugDescription + "…"
}

func list(_ names: [String]) -> String {
  names.prefix(20).map(quoted).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
}

/// The candidate that a word may be a misspelling of, or nil.
func nearest(to word: String, among candidates: [String]) -> String? {
  func plain(_ text: String) -> [Character] { Array(text.lowercased().filter { !$0.isWhitespace }.prefix(60)) }
  let wanted = plain(word)
  let distances = candidates.prefix(500).map { ($0, distance(wanted, plain($0))) }
  guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(2, wanted.count / 2), best.1 < wanted.count else {
    return nil
  }
  return best.0
}

/// The least number of insertions, deletions and replacements between two words (Levenshtein 1966).
private func distance(_ first: [Character], _ second: [Character]) -> Int {
  var row = Array(0...second.count)
  for (index, character) in first.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in second.indices {
      let replaced = diagonal + (character == second[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(replaced, min(row[column], diagonal) + 1)
    }
  }
  return row[second.count]
}
