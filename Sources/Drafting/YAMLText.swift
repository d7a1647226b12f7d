import Support

/// Values as a recipe writes them.
enum YAMLText {
  /// A text, in quotes where YAML would read something else.
  static func scalar(_ text: String) -> String {
    let first = text.unicodeScalars.first
    let isPlain =
      text.unicodeScalars.allSatisfy { isLetter($0) || "0123456789_./- ".unicodeScalars.contains($0) }
      && (first.map { isLetter($0) || $0 == "." || $0 == "/" || $0 == "_" } ?? false) && !text.hasSuffix(" ")
      && !["true", "false", "yes", "no", "on", "off", "null", "y", "n", ".inf", ".nan"].contains(text.lowercased())
    if isPlain || !text.isEmpty && text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) { return text }
    return quoted(text)
  }

  /// One text, or a list of several.
  static func names(_ names: [String]) -> String {
    names.count == 1 ? scalar(names[0]) : "[\(names.map(scalar).joined(separator: ", "))]"
  }

  /// A text in a comment: one line.
  static func comment(_ text: String) -> String {
    let line = String(text.prefix(60).map { $0.isNewline ? " " : $0 })
    return line.isEmpty ? "\"\"" : line
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    "a"..."z" ~= scalar || "A"..."Z" ~= scalar || 0x4E00...0x9FFF ~= scalar.value
  }

  /// In double quotes as JSON has them, and with escapes for what YAML does not print.
  private static func quoted(_ text: String) -> String {
    JSONLine.quoted(text).unicodeScalars.reduce(into: "") { result, scalar in
      if 0x7F...0x9F ~= scalar.value || [0x2028, 0x2029, 0xFEFF].contains(scalar.value) {
        result += "\\u" + String("0000" + String(scalar.value, radix: 16)).suffix(4)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
}
