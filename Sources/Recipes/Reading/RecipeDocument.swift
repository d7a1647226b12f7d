import Foundation
import Support
import Yams

/// The text of a recipe as a tree, with `--set` overrides applied, before anything is made of it.
public struct RecipeDocument {
  public let source: String
  private var root: Node
  /// What was assigned to a path by `set`.
  private var assignments: [String: String] = [:]

  /// A recipe is text written by hand; one beyond this size is another file.
  private static let maximumBytes = 1 << 20

  /// - Parameter overrides: assignments for `set`, in order.
  public init(contentsOfFile path: String, overrides: [String] = []) throws {
    let bytes: [UInt8]
    do { bytes = try FileReader.beginning(of: path, Self.maximumBytes + 1) } catch {
      throw RecipeError(source: path, key: "", problem: "cannot be read (\(error.reason)); give the path of a recipe")
    }
    guard bytes.count <= Self.maximumBytes, let text = String(validating: bytes, as: UTF8.self) else {
      throw RecipeError(source: path, key: "", problem: "is not a UTF-8 text below 1 MiB; give a YAML recipe")
    }
    try self.init(yaml: text, source: path)
    for override in overrides { try set(override) }
  }

  public init(yaml: String, source: String) throws {
    self.source = source
    root = try RecipeText.node(yaml, source: source) ?? Node([(Node, Node)]())
  }

  /// Applies `key.path=value`, the value read as YAML.
  ///
  /// The one of `steps` and `epochs` that is set here takes the place of the other in the file.
  public mutating func set(_ assignment: String) throws {
    let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let option = "--set \(assignment.prefix(200))"
    guard parts.count == 2, !parts[0].isEmpty else {
      throw RecipeError(source: option, key: "", problem: "is not an assignment; write key.path=value")
    }
    let keys = parts[0].split(separator: ".").map(String.init)
    guard 1...RecipeScanner.maximumDepth ~= keys.count else {
      throw RecipeError(
        source: "--set", key: String(parts[0].prefix(40)),
        problem: "has \(keys.count) parts; give 1 to \(RecipeScanner.maximumDepth), separated by dots")
    }
    let value = try RecipeText.node(String(parts[1]), source: option, isValue: true) ?? Node("", Tag(.null))
    try assign(value, at: keys[...], in: &root, option)
    assignments[keys.joined(separator: ".")] = assignment
    for (key, other) in [("steps", "epochs"), ("epochs", "steps")]
    where keys == [key] && value.null == nil && assignments[other] == nil && root.mapping != nil {
      root.mapping?[other] = nil
    }
  }

  private func assign(_ value: Node, at path: ArraySlice<String>, in node: inout Node, _ option: String) throws {
    guard let key = path.first else {
      node = value
      return
    }
    if node.null != nil { node = Node([(Node, Node)]()) }
    guard let mapping = node.mapping else {
      throw RecipeError(source: option, key: key, problem: "lies below a value; name a key of a mapping")
    }
    // As the file spells it, perhaps in quotes.
    let place = mapping.keys.first { $0.scalar?.string == key } ?? Node(key)
    var child = mapping[place] ?? Node([(Node, Node)]())
    try assign(value, at: path.dropFirst(), in: &child, option)
    node.mapping?[place] = child
  }

  public func section() throws -> Section {
    try Section(root, path: "", source: source, reading: RecipeReading(assignments: assignments))
  }

  /// Every value of the recipe by its path, numbers in one spelling; a section without values is "true", as it means.
  var values: [String: String] {
    var values: [String: String] = [:]
    func collect(_ node: Node, _ path: String) {
      if let mapping = node.mapping, !mapping.isEmpty {
        for (key, value) in mapping { collect(value, (path.isEmpty ? "" : path + ".") + (key.string ?? "?")) }
      } else if let sequence = node.sequence {
        for (index, value) in sequence.enumerated() { collect(value, "\(path).\(index)") }
      } else if let scalar = node.scalar, node.null == nil {
        values[path] = Double(scalar.string).map { String($0) } ?? scalar.string
      } else if node.mapping != nil {
        values[path] = "true"
      }
    }
    collect(root, "")
    return values
  }

  /// The recipe as it is followed, in one spelling: what ranks and runs are compared by.
  public var canonicalText: String { (try? Yams.serialize(node: root, sortKeys: true)) ?? "" }
}

extension String {
  fileprivate init?(validating data: Data, as encoding: UTF8.Type) { self.init(data: data, encoding: .utf8) }
}
