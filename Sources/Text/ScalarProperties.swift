/// What the reference asks about a character.
enum ScalarProperties {
  /// What becomes of an ASCII character when a text is cleaned.
  enum Kind { case word, punctuation, space, dropped }

  /// ASCII symbols such as `$` count as punctuation, although Unicode does not call them so.
  @inline(__always)
  static func kind(ascii byte: UInt8) -> Kind {
    switch byte {
    case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: .word
    case 0x20, 0x09, 0x0A, 0x0D: .space
    case 0..<0x20, 0x7F...: .dropped
    default: .punctuation
    }
  }

  static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF: true
    case 0..<0x3400: false
    default: ScalarSet.ideographs.contains(scalar.value)
    }
  }

  /// Whether a character beyond ASCII is a separate word between the words around it.
  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    !(0x3400...0x9FFF).contains(scalar.value) && ScalarSet.punctuation.contains(scalar.value)
  }

  /// Whether a character is punctuation, or one of the symbols of ASCII.
  static func isMarkOfWriting(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value < 0x80 else { return isPunctuation(scalar) }
    return kind(ascii: UInt8(scalar.value)) == .punctuation
  }

  /// Whether a character is a number (Unicode's category N).
  static func isNumber(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80 ? (0x30...0x39).contains(scalar.value) : ScalarSet.numbers.contains(scalar.value)
  }

  /// White space before cleaning, control characters among it.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80
      ? scalar.value == 0x20 || (0x09...0x0D).contains(scalar.value) : ScalarSet.spaces.contains(scalar.value)
  }

  /// Whether a regular expression's `\w` matches a character (UTS #18: alphabetic, mark, digit, connector, joiner).
  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.properties.isAlphabetic || scalar.properties.isJoinControl { return true }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
    default: return false
    }
  }

  /// Whether a character is a combining mark to the library's normalizers.
  static func isMark(_ scalar: Unicode.Scalar) -> Bool { ScalarSet.combining.contains(scalar.value) }

  /// Whether decomposition neither changes this character nor moves it, and it is not an accent.
  ///
  /// True for common blocks alone, which is all that speed needs: every other character is decomposed.
  static func isInert(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x80, 0xA1...0xBF, 0xD7, 0xDF, 0xE6, 0xF0, 0xF7, 0xF8, 0xFE: true
    case 0x410...0x418, 0x41A...0x438, 0x43A...0x44F: true
    case 0x2010...0x2027, 0x2030...0x205E, 0x2600...0x27BF: true
    case 0x3001...0x3029, 0x3030...0x303F, 0x3400...0x9FFF, 0xFF01...0xFFEF: true
    case 0x1F300...0x1FAFF, 0x20000...0x2A6DF: true
    default: false
    }
  }

  /// Whether a character may have a lower case other than itself; ideographs, kana and CJK punctuation have none.
  static func mayHaveCase(_ scalar: Unicode.Scalar) -> Bool {
    !(0x2E80...0xA63F).contains(scalar.value)
  }
}
