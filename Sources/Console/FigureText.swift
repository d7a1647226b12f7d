import Foundation

/// Numbers as people read them on a terminal: every one that may be not finite is formatted here: C's library prints "-nan".
extension Double {
  /// With so many digits behind the point: `0.7048`; in words what is not finite.
  package func text(decimals: Int) -> String { finiteText("%.\(decimals)f") }

  /// With so many digits that count, and an exponent where that is shorter: `1.8e-05`.
  package func text(digits: Int) -> String { finiteText("%.\(digits)g") }

  private func finiteText(_ format: String) -> String {
    if isNaN { return "not a number" }
    return isFinite ? String(format: format, self) : self < 0 ? "minus infinity" : "infinity"
  }
}

extension Int {
  /// With commas between thousands: `22,713,216`.
  package var grouped: String {
    let digits = String(magnitude)
    let head = digits.count % 3
    let groups = stride(from: head, to: digits.count, by: 3).map { digits.dropFirst($0).prefix(3) }
    return (self < 0 ? "-" : "") + ((head > 0 ? [digits.prefix(head)] : []) + groups).joined(separator: ",")
  }

  /// With what is counted: `1 step`, `2,106 steps`.
  package func of(_ one: String, _ many: String? = nil) -> String {
    "\(grouped) \(self == 1 ? one : many ?? one + "s")"
  }
}

/// Times as clocks show them.
package enum ClockText {
  /// `00:31`, `1:02:05`; "?" for what is not a time.
  package static func of(seconds: Double) -> String {
    guard seconds.isFinite, 0..<1e9 ~= seconds else { return "?" }
    let seconds = Int(seconds)
    let minutes = String(format: "%02d:%02d", seconds / 60 % 60, seconds % 60)
    return seconds < 3600 ? minutes : "\(seconds / 3600):\(minutes)"
  }
}
