import Support

extension JSONValue {
  /// The value as a number of any kind, or nil.
  var anyNumber: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .unsigned(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}
