/// What the reference asks about a character.
enum ScalarProperties {
  /// What becomes of a character when a text is cleaned.
  enum Kind { case word, punctuation, ideograph, space, dropped }

  static func kind(_ scalar: Unicode.Scalar) -> Kind {
    switch scalar.value {
    case 0..<0x80: return kind(ascii: UInt8(scalar.value))
    case 0x3400...0x4DBF, 0x4E00...0x9FFF: return .ideograph
    // Line and paragraph separators survive the cleaning, but Python's split() takes them for spaces.
    case 0x2028, 0x2029: return .space
    case 0xFFFD: return .dropped
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned:
      return .dropped
    case .spaceSeparator:
      return .space
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return .punctuation
    default:
      return isIdeograph(scalar.value) ? .ideograph : .word
    }
  }

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

  /// The blocks beyond the basic ones that the reference lists.
  private static func isIdeograph(_ value: UInt32) -> Bool {
    switch value {
    case 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B820...0x2CEAF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }

  /// Whether normalisation neither changes this character nor joins it with the one before it.
  ///
  /// True for common blocks alone, which is all that speed needs: for every other character the word is normalised.
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
