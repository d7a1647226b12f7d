import Recipes

/// Every key of a recipe, explained: what `lockstep recipe explain` prints and the page on recipes holds.
///
/// A test reads recipes and compares: a key that is read and not here, one that is here and not read, another type or
/// another default make it fail.
public enum RecipeGuide {
  /// In the order in which a recipe is usually written.
  public static let keys = run + model + data + task + batch + step + oneCycle + course + techniques

  /// A key and all that lies below it, or every key.
  /// - Throws: `RecipeError` that names the nearest known key.
  public static func keys(under path: String?) throws -> [RecipeKey] {
    guard let path else { return keys }
    let found = keys.filter { $0.path == path || $0.path.hasPrefix(path + ".") }
    guard found.isEmpty else { return found }
    throw RecipeError(
      source: "recipe explain", key: path,
      problem: "is not a known key" + hint(for: path) + "; lockstep recipe explain lists them all")
  }

  private static func hint(for path: String) -> String {
    let paths = keys.map(\.path)
    let place = path.lastIndex(of: ".")
    let section = place.map { String(path[..<$0]) } ?? ""
    let word = place.map { String(path[path.index(after: $0)...]) } ?? path
    let prefix = section.isEmpty ? "" : section + "."
    let siblings = paths.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }.filter { !$0.contains(".") }
    let near = siblings.map(String.init).filter { editDistance(word, $0) == 1 && word.count > 3 }
    if let near = near.first { return "; did you mean \"\(prefix)\(near)\"?" }
    let hint = KeyHint(for: word, in: section, among: [], paths: paths).text
    return hint.isEmpty ? suggestion(path, among: paths) : hint
  }

  /// The keys as a table of a page.
  public static var markdown: String {
    let rows = keys.map { key in
      let cells = [
        "`\(key.path)`", key.type, key.fallbackText,
        [key.meaning, key.reason].filter { !$0.isEmpty }.joined(separator: ". "),
      ]
      return "| " + cells.map { $0.replacingOccurrences("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    return (["| key | type | default | meaning, and why |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
  }
}

extension String {
  fileprivate func replacingOccurrences(_ old: Character, with new: String) -> String {
    reduce(into: "") { $0 += $1 == old ? new : String($1) }
  }
}
