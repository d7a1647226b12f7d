/// The key that was probably meant by one that is not known: misspelt, in another section, or named as another program
/// names it.
package struct KeyHint {
  /// `; did you mean "…"?` with what there is to say of it, or nothing.
  package let text: String

  /// - Parameters:
  ///   - key: as it is written in its section.
  ///   - section: the path of the section; empty for the recipe itself.
  ///   - known: the keys of that section.
  ///   - paths: of all keys there are.
  package init(
    for key: String, in section: String = "", among known: [String], paths: [String]
  ) {
    let typo = known.filter { key.count > 3 && editDistance(key, $0) == 1 }.min()
    let elsewhere = Self.shallowest(paths.filter { Self.lastName($0) == key })
    if let synonym = KeySynonym.find(key) {
      text = Self.text(synonym, section, known)
    } else if let typo {
      text = Self.question([typo])
    } else if let remark = Self.nested(key, paths) {
      text = remark
    } else if !elsewhere.isEmpty {
      text = Self.question(elsewhere)
    } else {
      let near = suggestion(key, among: known)
      text = near.isEmpty ? Self.question(Self.nearest(key, paths)) : near
    }
  }

  private static func text(_ synonym: KeySynonym, _ section: String, _ known: [String]) -> String {
    guard let path = synonym.path else { return "; " + synonym.remark }
    let own = lastName(path)
    let target = !section.isEmpty && known.contains(own) ? "\(section).\(own)" : path
    return question([target]) + (synonym.remark.isEmpty ? "" : " \(synonym.remark)")
  }

  /// A path with dots where keys lie within each other.
  private static func nested(_ key: String, _ paths: [String]) -> String? {
    guard key.contains("."), paths.contains(key), let parent = parent(key) else { return nil }
    return "; write \(lastName(key)) below \(parent), on its own line"
  }

  /// The paths whose last name is nearest, where one is near enough.
  private static func nearest(_ key: String, _ paths: [String]) -> [String] {
    let distances = paths.map { ($0, editDistance(key, lastName($0))) }
    guard let least = distances.map(\.1).min(), least <= key.count / 4 else { return [] }
    return shallowest(distances.filter { $0.1 == least }.map(\.0))
  }

  private static func shallowest(_ paths: [String]) -> [String] {
    let depth = paths.map(\.dots).min()
    return Array(Set(paths.filter { $0.dots == depth })).sorted()
  }

  private static func lastName(_ path: String) -> String { path.split(separator: ".").last.map(String.init) ?? path }

  private static func parent(_ path: String) -> String? {
    path.lastIndex(of: ".").map { String(path[..<$0]) }
  }

  private static func question(_ paths: [String]) -> String {
    paths.isEmpty ? "" : "; did you mean " + paths.prefix(4).map { "\"\($0)\"" }.joined(separator: " or ") + "?"
  }
}

extension String {
  fileprivate var dots: Int { count { $0 == "." } }
}

/// `; did you mean "…"?` where a candidate is near enough to be a misspelling.
package func suggestion(_ word: String, among candidates: [String]) -> String {
  let nearest = candidates.min { editDistance(word, $0) < editDistance(word, $1) }
  guard let nearest, editDistance(word, nearest) <= max(2, word.count / 2), word.count > 2 else { return "" }
  return "; did you mean \"\(nearest)\"?"
}

/// The least number of insertions, deletions and replacements between two words (Levenshtein 1966).
package func editDistance(_ first: String, _ second: String) -> Int {
  let second = Array(second)
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
