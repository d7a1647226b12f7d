/// What a key of a recipe may hold.
public enum RecipeValue: Sendable, Hashable, CustomStringConvertible {
  case text, texts, numbers, boolean, mapping, mappings
  case integer(atLeast: Int?, atMost: Int = RecipeValue.largestInteger)
  case number(ClosedRange<Double>?)
  /// A number above 0.
  case positive
  case choice([String])
  /// A mapping; `true` for its defaults, `false` for none.
  case toggle

  /// The largest integer of a key without its own bound: products of two stay far below what an Int holds.
  public static let largestInteger = 2_000_000_000

  public var description: String {
    switch self {
    case .text: "text"
    case .texts: "list of texts"
    case .numbers: "list of numbers"
    case .boolean: "true or false"
    case .mapping: "mapping"
    case .mappings: "list of mappings"
    case .integer(let minimum, Self.largestInteger): "whole number" + (minimum.map { ", at least \($0)" } ?? "")
    case .integer(let minimum, let maximum):
      "whole number " + (minimum.map { "from \($0) to \(maximum)" } ?? "up to \(maximum)")
    case .number(let bounds):
      "number" + (bounds.map { " from \($0.lowerBound.written) to \($0.upperBound.written)" } ?? "")
    case .positive: "number above 0"
    case .choice(let cases): cases.joined(separator: ", ")
    case .toggle: "mapping, or true or false"
    }
  }
}

/// What the program asked of a recipe: each key it looked for, the types it could use, and what it took where there was none.
///
/// Explanations are compared with it, so that they cannot say anything else than what is read.
package final class RecipeReading {
  package struct Key: Equatable {
    package var types: Set<RecipeValue> = []
    /// As it would be written in a recipe; nil where the reader decides without a value.
    package var fallback: String?
  }

  /// By path; the places of a list are left out of it.
  package private(set) var keys: [String: Key] = [:]
  /// The paths of all keys that a recipe may hold, by which a key in the wrong place is recognized; the recipe sets them.
  var allPaths: () -> [String] = { [] }
  private let assignments: [String: String]

  init(assignments: [String: String]) { self.assignments = assignments }

  func note(_ path: String, _ type: RecipeValue?, fallback: String?) {
    let path = path.split(separator: ".").filter { Int($0) == nil }.joined(separator: ".")
    if let type {
      keys[path, default: Key()].types.insert(type)
    } else {
      keys[path, default: Key()] = keys[path] ?? Key()
    }
    if let fallback { keys[path]?.fallback = fallback }
  }

  /// The `--set` that a key's value is from, or nil where it stands in the file.
  func source(of path: String) -> String? {
    var place = path.split(separator: ".")
    while !place.isEmpty {
      if let assignment = assignments[place.joined(separator: ".")] { return "--set \(assignment)" }
      place.removeLast()
    }
    return nil
  }
}

extension Double {
  /// As one writes it: 0.1, 2e-05, 64.
  package var written: String {
    Int(exactly: self).map { $0.magnitude <= 1_000_000_000_000 ? String($0) : String(self) } ?? String(self)
  }
}
