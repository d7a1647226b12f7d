import Yams

/// One mapping of a recipe, read key by key with types checked; what nobody asked for is an error that names the nearest
/// known key.
///
/// Each part of the program reads its own section and calls `finish()`: the known keys are exactly those it read.
public final class Section {
  public let source: String
  public let path: String
  /// What was asked of the whole recipe so far.
  package let reading: RecipeReading
  private let values: [String: Node]
  private var known: [String] = []

  /// - Throws: `RecipeError` where the node is no mapping, or holds a key twice.
  init(_ node: Node, path: String, source: String, reading: RecipeReading) throws {
    self.source = source
    self.path = path
    self.reading = reading
    guard let mapping = node.mapping else {
      throw RecipeError(
        source: reading.source(of: path) ?? source, key: path, problem: "is no mapping; write keys with values below it"
      )
    }
    var values: [String: Node] = [:]
    for (key, value) in mapping { values[key.string ?? "?"] = value }
    self.values = values
  }

  /// The keys present, in alphabetical order.
  public var keys: [String] { values.keys.sorted() }

  /// - Parameters:
  ///   - type: what the caller can use.
  ///   - fallback: what the caller takes where there is no value, as it would be written.
  private func node(_ key: String, _ type: RecipeValue? = nil, fallback: String? = nil) -> Node? {
    if !known.contains(key) { known.append(key) }
    reading.note(join(key), type, fallback: fallback)
    guard let node = values[key], node.null == nil else { return nil }
    return node
  }

  public func contains(_ key: String) -> Bool { node(key) != nil }

  /// Whether a key has keys of its own.
  public func isMapping(_ key: String) -> Bool { node(key)?.mapping != nil }

  public func string(_ key: String) throws -> String? { try string(key, .text) }

  public func string(_ key: String, default fallback: String) throws -> String {
    try string(key, .text, fallback: fallback) ?? fallback
  }

  private func string(_ key: String, _ type: RecipeValue, fallback: String? = nil) throws -> String? {
    guard let node = node(key, type, fallback: fallback) else { return nil }
    guard let text = node.scalar?.string else { throw error(key, "is no text; give one value") }
    return text
  }

  public func integer(_ key: String) throws -> Int? { try integer(key, .integer(atLeast: nil)) }

  /// An integer of at least `minimum`, or nil where there is none.
  public func integer(_ key: String, atLeast minimum: Int) throws -> Int? {
    let value = try integer(key, .integer(atLeast: minimum))
    if let value, value < minimum { throw error(key, "is \(value); give at least \(minimum), or leave it out") }
    return value
  }

  /// An integer of at least `minimum`.
  public func integer(_ key: String, default fallback: Int, atLeast minimum: Int) throws -> Int {
    let value = try integer(key, .integer(atLeast: minimum), fallback: String(fallback)) ?? fallback
    guard value >= minimum else { throw error(key, "is \(value); give at least \(minimum)") }
    return value
  }

  private func integer(_ key: String, _ type: RecipeValue, fallback: String? = nil) throws -> Int? {
    guard let node = node(key, type, fallback: fallback) else { return nil }
    guard let value = node.int else { throw error(key, "is \(describe(node)), which is no whole number; give one") }
    return value
  }

  public func number(_ key: String) throws -> Double? { try number(key, .number(nil)) }

  /// A number within bounds, both allowed.
  public func number(_ key: String, default fallback: Double, in bounds: ClosedRange<Double>) throws -> Double {
    let value = try number(key, .number(bounds), fallback: fallback.written) ?? fallback
    guard bounds.contains(value) else {
      throw error(key, "is \(value); give a value from \(bounds.lowerBound.written) to \(bounds.upperBound.written)")
    }
    return value
  }

  /// A number above 0.
  public func positive(_ key: String, default fallback: Double) throws -> Double {
    let value = try number(key, .positive, fallback: fallback.written) ?? fallback
    guard value > 0 else { throw error(key, "is \(value); give a number above 0") }
    return value
  }

  /// A number above 0, or nil where there is none.
  public func positive(_ key: String) throws -> Double? {
    let value = try number(key, .positive)
    if let value, value <= 0 { throw error(key, "is \(value); give a number above 0, or leave it out") }
    return value
  }

  private func number(_ key: String, _ type: RecipeValue, fallback: String? = nil) throws -> Double? {
    guard let node = node(key, type, fallback: fallback) else { return nil }
    guard let value = node.float, value.isFinite else {
      throw error(key, "is \(describe(node)), which is no number; give one")
    }
    return value
  }

  public func boolean(_ key: String, default fallback: Bool) throws -> Bool {
    guard let node = node(key, .boolean, fallback: String(fallback)) else { return fallback }
    guard let value = node.bool else { throw error(key, "is \(describe(node)); give true or false") }
    return value
  }

  /// True or false, or nil where there is neither.
  public func boolean(_ key: String) throws -> Bool? {
    guard let node = node(key, .boolean) else { return nil }
    guard let value = node.bool else { throw error(key, "is \(describe(node)); give true or false, or leave it out") }
    return value
  }

  public func strings(_ key: String) throws -> [String]? { try list(key, .texts) { $0.scalar?.string } }
  public func numbers(_ key: String) throws -> [Double]? { try list(key, .numbers) { $0.float } }

  public func strings(_ key: String, default fallback: [String]) throws -> [String] {
    try list(key, .texts, fallback: "[\(fallback.joined(separator: ", "))]") { $0.scalar?.string } ?? fallback
  }

  public func numbers(_ key: String, default fallback: [Double]) throws -> [Double] {
    try list(key, .numbers, fallback: "[\(fallback.map(\.written).joined(separator: ", "))]") { $0.float } ?? fallback
  }

  private func list<Element>(
    _ key: String, _ type: RecipeValue, fallback: String? = nil, _ convert: (Node) -> Element?
  ) throws -> [Element]? {
    guard let node = node(key, type, fallback: fallback) else { return nil }
    let elements = node.sequence.map { Array($0) } ?? [node]
    return try elements.map { element in
      guard let value = convert(element) else { throw error(key, "holds \(describe(element)), of the wrong type") }
      return value
    }
  }

  public func section(_ key: String) throws -> Section? {
    guard let node = node(key, .mapping) else { return nil }
    return try below(key, node)
  }

  /// The section, or an empty one where there is none, so that its keys have their defaults.
  public func section(orEmpty key: String) throws -> Section { try below(key, node(key, .mapping) ?? Self.nothing) }

  private func below(_ key: String, _ node: Node) throws -> Section {
    try Section(node, path: join(key), source: source, reading: reading)
  }

  private static var nothing: Node { Node([(Node, Node)]()) }

  /// A section that may be switched: `true` and `{}` stand for its defaults, `false` for none.
  ///
  /// A key with nothing behind it is an error: it could mean either.
  public func toggle(_ key: String) throws -> Section? {
    guard let node = node(key, .toggle) else {
      guard values[key] == nil else { throw error(key, "is empty; write {} for its defaults, or false for none") }
      return nil
    }
    guard let isOn = node.bool else { return try below(key, node) }
    return isOn ? try below(key, Self.nothing) : nil
  }

  /// A section that is on unless the recipe says `false`; nil for off.
  public func toggle(orDefaults key: String) throws -> Section? {
    guard let node = node(key, .toggle) else { return try below(key, Self.nothing) }
    guard let isOn = node.bool else { return try below(key, node) }
    return isOn ? try below(key, Self.nothing) : nil
  }

  /// A list of sections, or one alone; their paths are `key.0`, `key.1` ….
  public func sections(_ key: String) throws -> [Section] {
    guard let node = node(key, .mappings) else { return [] }
    guard let sequence = node.sequence else { return [try below(key, node)] }
    return try sequence.enumerated().map { try below("\(key).\($0)", $1) }
  }

  /// The section as plain values, for configurations whose keys belong to somebody else.
  public func plainValues() -> [String: Any] {
    known = keys
    return values.mapValues { $0.any }
  }

  /// One of the cases of an enumeration of strings.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) throws -> Choice where Choice.RawValue == String {
    try choice(key, fallback: fallback.rawValue) ?? fallback
  }

  /// One of the cases of an enumeration of strings, or nil where there is none.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String
  ) throws -> Choice? where Choice.RawValue == String {
    try choice(key, fallback: nil)
  }

  private func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, fallback: String?
  ) throws -> Choice? where Choice.RawValue == String {
    let allowed = Choice.allCases.map(\.rawValue)
    guard let text = try string(key, .choice(allowed), fallback: fallback) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw error(
        key, "is \"\(text)\"; give one of \(allowed.joined(separator: ", "))" + suggestion(text, among: allowed))
    }
    return choice
  }

  /// - Throws: `RecipeError` for the first key that nobody read, with the nearest one that was.
  public func finish() throws {
    guard let unknown = keys.first(where: { !known.contains($0) }) else { return }
    let place = path.isEmpty ? "" : " in \(path)"
    throw error(
      unknown,
      "is no known key" + place + suggestion(unknown, among: known)
        + "; known keys: \(known.sorted().joined(separator: ", "))")
  }

  public func error(_ key: String, _ problem: String) -> RecipeError {
    RecipeError(source: reading.source(of: join(key)) ?? source, key: join(key), problem: problem)
  }

  private func join(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

  private func describe(_ node: Node) -> String {
    node.scalar.map { "\"\($0.string)\"" } ?? (node.sequence != nil ? "a list" : "a mapping")
  }
}

/// `; did you mean "…"?` where a candidate is near enough to be a misspelling.
package func suggestion(_ word: String, among candidates: [String]) -> String {
  let nearest = candidates.min { editDistance(word, $0) < editDistance(word, $1) }
  guard let nearest, editDistance(word, nearest) <= max(2, word.count / 2) else { return "" }
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
