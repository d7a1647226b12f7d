/// A JSON value that keeps every Unicode scalar and the order of an object's members.
///
/// Foundation's parsers hand objects over as dictionaries of strings, and Swift compares strings by canonical
/// equivalence: two vocabulary entries such as U+F900 and U+8C48 would become one. Keys are therefore compared by their
/// bytes here.
package indirect enum JSONValue: Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A key of an object and its value.
  package struct Member: Sendable {
    package let key: String
    package let value: JSONValue

    package init(key: String, value: JSONValue) { (self.key, self.value) = (key, value) }
  }

  /// The last member of an object with this key, or nil (also for every other kind of value).
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// The value as a truth value, or nil.
  package var boolean: Bool? {
    guard case .boolean(let value) = self else { return nil }
    return value
  }

  /// The value as a string, or nil.
  package var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  /// The value as a whole number, or nil.
  package var integer: Int? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  /// The elements of an array, or nil.
  package var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The members of an object in their order, or nil.
  package var members: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// What an error says of a value: a string or number itself, else what it is.
  package var phrase: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value.count > 60 ? value.prefix(59) + "…" : value
    case .array: "a list"
    case .object: "an object"
    }
  }
}
