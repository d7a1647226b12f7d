import Training

/// Every key of a recipe, explained: what `lockstep recipe explain` prints and the page on recipes holds.
///
/// A test reads recipes and compares: a key that is read and not here, one that is here and not read, another type or
/// another default make it fail.
public enum RecipeGuide {
  /// In the order in which a recipe is usually written.
  public static let keys = run + model + data + batch + step + course + techniques

  /// A key and all that lies below it, or every key.
  /// - Throws: `RecipeError` that names the nearest known key.
  public static func keys(under path: String?) throws -> [RecipeKey] {
    guard let path else { return keys }
    let found = keys.filter { $0.path == path || $0.path.hasPrefix(path + ".") }
    guard found.isEmpty else { return found }
    let word = path.split(separator: ".").last.map(String.init) ?? path
    let sharing = keys.map(\.path).filter { $0.split(separator: ".").last == word[...] }
    let hint =
      sharing.isEmpty ? suggestion(path, among: keys.map(\.path)) : "; did you mean \(sharing.joined(separator: ", "))?"
    throw RecipeError(
      source: "recipe explain", key: path,
      problem: "is no known key" + hint + "; lockstep recipe explain lists them all")
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
