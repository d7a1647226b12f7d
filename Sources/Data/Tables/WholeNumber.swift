/// Labels that are numbers, as tables write them.
package enum WholeNumber {
  /// 5 for "5", "+5", "5.0" and "5e0"; nil for what is not a whole number.
  package static func value(of text: String) -> Int? {
    Int(text) ?? decimal(text).flatMap { Int(exactly: $0) }
  }

  /// A finite decimal number, or nil: no hexadecimal digits, no "nan".
  package static func decimal(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || "+-.eE".utf8.contains($0) }) else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}
