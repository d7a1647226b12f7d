import Yams

/// One mapping of a recipe, read key by key with types checked; what nobody asked for is an error that names the nearest
/// known key.
///
/// Each part of the program reads its own section and calls `finish()`: the known keys are exactly those it read.
public final class Section {
  public let source: String
  public let path: String
  private let values: [String: Node]
  private var known: [String] = []

  /// - Throws: `RecipeError` where the node is no mapping, or holds a key twice.
  init(_ node: Node, path: String, source: String) throws {
    self.source = source
    self.path = path
    guard let mapping = node.mapping else {
      throw RecipeError(source: source, key: path, problem: "is no mapping; write keys with values below it")
    }
    var values: [String: Node] = [:]
    for (key, value) in mapping { values[key.string ?? "?"] = value }
    self.values = values
  }

  /// The keys present, in alphabetical order.
  public var keys: [String] { values.keys.sorted() }

  private func node(_ key: String) -> Node? {
    if !known.contains(key) { known.append(key) }
    guard let node = values[key], node.null == nil else { return nil }
    return node
  }

  public func contains(_ key: String) -> Bool { node(key) != nil }

  /// Whether a key has keys of its own.
  public func isMapping(_ key: String) -> Bool { node(key)?.mapping != nil }

  public func string(_ key: String) throws -> String? {
    guard let node = node(key) else { return nil }
    guard let text = node.scalar?.string else { throw error(key, "is no text; give one value") }
    return text
  }

  public func integer(_ key: String) throws -> Int? {
    guard let node = node(key) else { return nil }
    guard let value = node.int else { throw error(key, "is \(describe(node)), which is no whole number; give one") }
    return value
  }

  public func number(_ key: String) throws -> Double? {
    guard let node = node(key) else { return nil }
    guard let value = node.float, value.isFinite else {
      throw error(key, "is \(describe(node)), which is no number; give one")
    }
    return value
  }

  public func boolean(_ key: String) throws -> Bool? {
    guard let node = node(key) else { return nil }
    guard let value = node.bool else { throw error(key, "is \(describe(node)); give true or false") }
    return value
  }

  public func strings(_ key: String) throws -> [String]? { try list(key) { $0.scalar?.string } }
  public func numbers(_ key: String) throws -> [Double]? { try list(key) { $0.float } }

  private func list<Element>(_ key: String, _ convert: (Node) -> Element?) throws -> [Element]? {
    guard let node = node(key) else { return nil }
    let elements = node.sequence.map { Array($0) } ?? [node]
    return try elements.map { element in
      guard let value = convert(element) else { throw error(key, "holds \(describe(element)), of the wrong type") }
      return value
    }
  }

  public func section(_ key: String) throws -> Section? {
    guard let node = node(key) else { return nil }
    return try Section(node, path: join(key), source: source)
  }

  /// A section that may be switched: `true` and `{}` stand for its defaults, `false` for none.
  ///
  /// A key with nothing behind it is an error: it could mean either.
  public func toggle(_ key: String) throws -> Section? {
    guard let node = node(key) else {
      guard values[key] == nil else { throw error(key, "is empty; write {} for its defaults, or false for none") }
      return nil
    }
    guard let isOn = node.bool else { return try section(key) }
    return isOn ? try Section(Node([(Node, Node)]()), path: join(key), source: source) : nil
  }

  /// A list of sections, or one alone; their paths are `key.0`, `key.1` ….
  public func sections(_ key: String) throws -> [Section] {
    guard let node = node(key) else { return [] }
    guard let sequence = node.sequence else { return [try Section(node, path: join(key), source: source)] }
    return try sequence.enumerated().map { try Section($1, path: join("\(key).\($0)"), source: source) }
  }

  /// The section as plain values, for configurations whose keys belong to somebody else.
  public func plainValues() -> [String: Any] {
    known = keys
    return values.mapValues { $0.any }
  }

  /// An integer of at least `minimum`.
  public func integer(_ key: String, default fallback: Int, atLeast minimum: Int) throws -> Int {
    let value = try integer(key) ?? fallback
    guard value >= minimum else { throw error(key, "is \(value); give at least \(minimum)") }
    return value
  }

  /// A number within bounds, both allowed.
  public func number(_ key: String, default fallback: Double, in bounds: ClosedRange<Double>) throws -> Double {
    let value = try number(key) ?? fallback
    guard bounds.contains(value) else {
      throw error(key, "is \(value); give a value from \(bounds.lowerBound) to \(bounds.upperBound)")
    }
    return value
  }

  /// One of the cases of an enumeration of strings.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) throws -> Choice where Choice.RawValue == String {
    guard let text = try string(key) else { return fallback }
    guard let choice = Choice(rawValue: text) else {
      let allowed = Choice.allCases.map(\.rawValue)
      throw error(
        key, "is \"\(text)\"; give one of \(allowed.joined(separator: ", "))" + suggestion(text, among: allowed))
    }
    return choice
  }

  /// - Throws: `RecipeError` for the first key that nobody read, with the nearest one that was.
  public func finish() throws {
    guard let unknown = keys.first(where: { !known.contains($0) }) else { return }
    let place = path.isEmpty ? "" : " in \(path)"
    throw RecipeError(
      source: source, key: join(unknown),
      problem: "is no known key" + place + suggestion(unknown, among: known)
        + "; known keys: \(known.sorted().joined(separator: ", "))")
  }

  public func error(_ key: String, _ problem: String) -> RecipeError {
    RecipeError(source: source, key: join(key), problem: problem)
  }

  private func join(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

  private func describe(_ node: Node) -> String {
    node.scalar.map { "\"\($0.string)\"" } ?? (node.sequence != nil ? "a list" : "a mapping")
  }
}

/// `; did you mean "…"?` where a candidate is near enough to be a misspelling.
func suggestion(_ word: String, among candidates: [String]) -> String {
  let nearest = candidates.min { editDistance(word, $0) < editDistance(word, $1) }
  guard let nearest, editDistance(word, nearest) <= max(2, word.count / 2) else { return "" }
  return "; did you mean \"\(nearest)\"?"
}

/// The least number of insertions, deletions and replacements between two words (Levenshtein 1966).
func editDistance(_ first: String, _ second: String) -> Int {
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
