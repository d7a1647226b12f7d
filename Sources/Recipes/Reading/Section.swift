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

  /// - Throws: `RecipeError` where the node is not a mapping, or holds a key twice.
  init(_ node: Node, path: String, source: String, reading: RecipeReading) throws {
    self.source = source
    self.path = path
    self.reading = reading
    func refusal(_ problem: String) -> RecipeError {
      RecipeError(source: reading.source(of: path) ?? source, key: path, problem: problem)
    }
    guard let mapping = node.mapping else { throw refusal("is not a mapping; write keys with values below it") }
    var values: [String: Node] = [:]
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { throw refusal("has a key that is not a text; write names as keys") }
      guard values.updateValue(value, forKey: name) == nil else {
        throw refusal("has the key \"\(name)\" twice; keep one of them")
      }
    }
    self.values = values
  }

  /// The keys present, in alphabetical order.
  public var keys: [String] { values.keys.sorted() }

  /// The value of a key, noted as read; nil where there is none.
  /// - Parameters:
  ///   - type: what the caller can use.
  ///   - fallback: what the caller takes where there is no value, as it would be written.
  func node(_ key: String, _ type: RecipeValue? = nil, fallback: String? = nil) -> Node? {
    if !known.contains(key) { known.append(key) }
    reading.note(join(key), type, fallback: fallback)
    guard let node = values[key], node.null == nil else { return nil }
    return node
  }

  public func contains(_ key: String) -> Bool { node(key) != nil }

  /// Whether a key has its own keys.
  public func isMapping(_ key: String) -> Bool { node(key)?.mapping != nil }

  /// Whether a key holds a list.
  public func isList(_ key: String) -> Bool { node(key)?.sequence != nil }

  // MARK: Sections below

  public func section(_ key: String) throws -> Section? {
    guard let node = node(key, .mapping) else { return nil }
    return try below(key, node)
  }

  /// The section, or an empty one where there is none, so that its keys have their defaults.
  public func section(orEmpty key: String) throws -> Section { try below(key, node(key, .mapping) ?? Self.nothing) }

  private func below(_ key: String, _ node: Node) throws -> Section {
    try Section(node, path: join(key), source: source, reading: reading)
  }

  /// A section without keys, in place of one that a recipe leaves out.
  package static func empty(_ path: String) throws -> Section {
    try Section(nothing, path: path, source: "", reading: RecipeReading(assignments: [:]))
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

  // MARK: Errors

  /// - Throws: `RecipeError` for the first key that nobody read, with the nearest one that was.
  public func finish() throws {
    guard let unknown = keys.first(where: { !known.contains($0) }) else { return }
    let place = path.isEmpty ? "" : " in \(path)"
    throw error(
      unknown,
      "is not a known key" + place + KeyHint(for: unknown, in: path, among: known, paths: reading.allPaths()).text
        + "; known keys: \(known.sorted().joined(separator: ", "))")
  }

  /// Refuses keys that would be taken without a word and change nothing.
  /// - Parameters:
  ///   - keys: what is read where `isRead`, and has no effect otherwise.
  ///   - reason: why, such as "is not read by kind sgd".
  ///   - remedy: what makes them count, in the imperative.
  /// - Throws: `RecipeError` for the first of them that is given.
  public func refuse(_ keys: String..., unless isRead: Bool, _ reason: String, _ remedy: String) throws {
    guard !isRead, let key = keys.first(where: contains) else { return }
    throw error(key, "has no effect: it \(reason); leave it out (--set \(join(key))=null), or \(remedy)")
  }

  public func error(_ key: String, _ problem: String) -> RecipeError {
    RecipeError(source: reading.source(of: join(key)) ?? source, key: join(key), problem: problem)
  }

  /// An error of the section as a whole.
  public func error(_ problem: String) -> RecipeError {
    RecipeError(source: reading.source(of: path) ?? source, key: path, problem: problem)
  }

  private func join(_ key: String) -> String { path.isEmpty ? key : path + "." + key }
}
