extension StringProtocol {
  /// Without the blanks at both ends.
  package func trimmed(where isBlank: (Character) -> Bool = \.isWhitespace) -> String {
    guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
      return ""
    }
    return String(self[first...last])
  }
}
