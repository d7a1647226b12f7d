import Foundation

/// A figure as people read it: with four decimals, or as another format says; in words where it is not a number.
package func printed(_ value: Double, _ format: String = "%.4f") -> String {
  if value.isNaN { return "not a number" }
  if value.isInfinite { return value < 0 ? "minus infinity" : "infinity" }
  return String(format: format, value)
}
