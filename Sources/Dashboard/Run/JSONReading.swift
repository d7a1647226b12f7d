import Support

/// A file's JSON is other people's: what is not as expected is nil.
extension JSONValue {
  /// A finite number.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value) where value.isFinite: value
    default: nil
    }
  }

  var integer: Int? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  /// The beginning of a text; nobody reads the rest on a page.
  var text: String? {
    guard case .string(let value) = self else { return nil }
    return String(value.prefix(Self.longestText))
  }

  var elements: [JSONValue]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  var members: [Member] {
    guard case .object(let members) = self else { return [] }
    return members
  }

  private static let longestText = 2000
}
