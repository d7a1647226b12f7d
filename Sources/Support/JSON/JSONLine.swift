/// A JSON value with its keys in the order in which a reader wants them.
public enum JSONLine: Sendable, CustomStringConvertible {
  case string(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case null
  case array([JSONLine])
  case object([(String, JSONLine)])

  /// One line; numbers in the shortest form that reads back to the same bits, and null for what JSON cannot say.
  public var description: String {
    switch self {
    case .string(let text): Self.quoted(text)
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? String(value) : "null"
    case .boolean(let value): String(value)
    case .null: "null"
    case .array(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .object(let pairs):
      "{" + pairs.map { "\(Self.quoted($0.0)): \($0.1.description)" }.joined(separator: ", ") + "}"
    }
  }

  /// A text with its quotes.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
