import Foundation
import Yams

/// The text of a recipe as a tree, with `--set` overrides applied, before anything is made of it.
public struct RecipeDocument {
  public let source: String
  private var root: Node
  /// What was assigned to a path by `set`.
  private var assignments: [String: String] = [:]

  /// A recipe is text written by hand; one beyond this size is another file.
  private static let maximumBytes = 1 << 20
  /// A key that lies deeper is no recipe's; trees of any depth would end the stack.
  private static let maximumDepth = 16

  /// - Parameter overrides: assignments for `set`, in order.
  public init(contentsOfFile path: String, overrides: [String] = []) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw RecipeError(source: path, key: "", problem: "cannot be read; give the path of a recipe")
    }
    guard data.count <= Self.maximumBytes, let text = String(validating: data, as: UTF8.self) else {
      throw RecipeError(source: path, key: "", problem: "is no UTF-8 text below 1 MiB; give a YAML recipe")
    }
    try self.init(yaml: text, source: path)
    for override in overrides { try set(override) }
  }

  public init(yaml: String, source: String) throws {
    self.source = source
    do {
      root = try Yams.compose(yaml: yaml) ?? Node([(Node, Node)]())
    } catch {
      let reason = String(describing: error).split(separator: "\n").first ?? ""
      throw RecipeError(source: source, key: "", problem: "is no valid YAML (\(reason)); correct the line")
    }
  }

  /// Applies `key.path=value`, the value read as YAML.
  public mutating func set(_ assignment: String) throws {
    let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw RecipeError(source: "--set \(assignment)", key: "", problem: "is no assignment; write key.path=value")
    }
    guard let value = try? Yams.compose(yaml: String(parts[1])) ?? Node("", Tag(.null)) else {
      throw RecipeError(source: "--set \(assignment)", key: "", problem: "has a value that is no YAML; quote it")
    }
    let keys = parts[0].split(separator: ".").map(String.init)
    guard 1...Self.maximumDepth ~= keys.count else {
      throw RecipeError(
        source: "--set", key: String(parts[0].prefix(40)),
        problem: "has \(keys.count) parts; give 1 to \(Self.maximumDepth), separated by dots")
    }
    try assign(value, at: keys[...], in: &root, assignment)
    assignments[keys.joined(separator: ".")] = assignment
  }

  private func assign(_ value: Node, at path: ArraySlice<String>, in node: inout Node, _ assignment: String) throws {
    guard let key = path.first else {
      node = value
      return
    }
    if node.null != nil { node = Node([(Node, Node)]()) }
    guard node.mapping != nil else {
      throw RecipeError(source: "--set \(assignment)", key: key, problem: "lies below a value; name a key of a mapping")
    }
    var child = node.mapping?[key] ?? Node([(Node, Node)]())
    try assign(value, at: path.dropFirst(), in: &child, assignment)
    node.mapping?[Node(key)] = child
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
