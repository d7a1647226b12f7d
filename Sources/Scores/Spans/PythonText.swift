/// Texts as Python's `str` and `re` look at them, by which the official scripts compare answers.
enum PythonText {
  /// `str.lower()`.
  static func lowercased(_ text: String) -> [Unicode.Scalar] {
    let scalars = Array(text.unicodeScalars)
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(scalars.count)
    for (place, scalar) in scalars.enumerated() {
      switch scalar.value {
      case 0x41...0x5A: result.append(Unicode.Scalar(UInt8(scalar.value) + 32))
      case ..<0x80: result.append(scalar)
      case 0x3A3: result.append(isFinal(place, in: scalars) ? "\u{3C2}" : "\u{3C3}")
      default: result += scalar.properties.lowercaseMapping.unicodeScalars
      }
    }
    return result
  }

  /// Whether a sigma ends a word: something cased stands before it, and nothing cased behind it.
  private static func isFinal(_ place: Int, in scalars: [Unicode.Scalar]) -> Bool {
    func isCased(_ scalars: some Sequence<Unicode.Scalar>) -> Bool {
      scalars.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
    }
    return isCased(scalars[..<place].reversed()) && !isCased(scalars[(place + 1)...])
  }

  /// `str.strip()`.
  static func stripped(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    let start = scalars.drop(while: isSpace)
    return Array(start.dropLast(start.reversed().prefix(while: isSpace).count))
  }

  /// `str.isspace()`.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80
      ? 0x09...0x0D ~= scalar.value || 0x1C...0x20 ~= scalar.value : scalar.properties.isWhitespace
  }

  /// One of `string.punctuation`.
  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  /// `\w`.
  static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: return true
    case ..<0x80: return false
    default: break
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return scalar.properties.numericType != nil
    }
  }
}
