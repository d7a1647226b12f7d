import Support

/// What one key of a recipe means, what it may hold, and what it is without being given, with the reason.
public struct RecipeKey: Sendable {
  /// What stands where the key does not.
  public enum Fallback: Sendable, ExpressibleByStringLiteral {
    /// This value, as it would be written.
    case value(String)
    /// No value; the text says what follows.
    case otherwise(String)
    /// The key must be there.
    case required

    public init(stringLiteral text: String) { self = .value(text) }
  }

  /// Such as `batch.size`; an element of a list does not have its own place in it.
  public let path: String
  /// What it may hold; several where each of them is understood.
  public let types: [RecipeValue]
  public let fallback: Fallback
  public let meaning: String
  /// Why the default is what it is, or when to take another value; empty where the meaning says it.
  public let reason: String

  public init(
    _ path: String, _ types: RecipeValue..., or fallback: Fallback, _ meaning: String, why reason: String = ""
  ) {
    self.init(path, types: types, or: fallback, meaning, why: reason)
  }

  package init(
    _ path: String, types: [RecipeValue], or fallback: Fallback, _ meaning: String, why reason: String = ""
  ) {
    self.path = path
    self.types = types
    self.fallback = fallback
    self.meaning = meaning
    self.reason = reason
  }

  /// The types in words.
  public var type: String { types.map(\.description).joined(separator: "; or ") }

  /// The default in words.
  public var fallbackText: String {
    switch fallback {
    case .value(let text), .otherwise(let text): text
    case .required: "must be given"
    }
  }

  /// One object: `key`, `type`, `default` (null where there is no value), `otherwise`, `meaning`, `why`.
  public var json: JSONLine {
    var pairs: [(String, JSONLine)] = [("key", .string(path)), ("type", .string(type))]
    switch fallback {
    case .value(let text): pairs.append(("default", Self.json(text)))
    case .otherwise(let text): pairs += [("default", .null), ("otherwise", .string(text))]
    case .required: pairs += [("default", .null), ("required", .boolean(true))]
    }
    return .object(pairs + [("meaning", .string(meaning)), ("why", .string(reason))])
  }

  private static func json(_ text: String) -> JSONLine {
    if let value = Int(text) { return .integer(value) }
    if let value = Double(text) { return .number(value) }
    if let value = Bool(text) { return .boolean(value) }
    guard text.hasPrefix("[") else { return .string(text) }
    return .array(text.dropFirst().dropLast().split(separator: ",").map { json(String($0.drop { $0 == " " })) })
  }
}

extension RecipeValue {
  /// One of an enumeration's cases.
  public static func choice<Choice: RawRepresentable & CaseIterable>(
    of _: Choice.Type
  ) -> RecipeValue where Choice.RawValue == String {
    .choice(Choice.allCases.map(\.rawValue))
  }

  public static let integer = RecipeValue.integer(atLeast: nil)
  public static let number = RecipeValue.number(nil)
}
