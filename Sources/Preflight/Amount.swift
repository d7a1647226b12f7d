import Foundation

/// Numbers as people read them.
enum Amount {
  /// Bytes in the largest unit that gives at least 1.
  static func bytes(_ bytes: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var (amount, unit) = (Double(bytes), 0)
    while amount >= 1024, unit < units.count - 1 { (amount, unit) = (amount / 1024, unit + 1) }
    return String(format: unit == 0 ? "%.0f %@" : "%.1f %@", amount, units[unit])
  }

  /// A rate in bits a second, as networks are sold.
  static func rate(bytesPerSecond: Double) -> String {
    let bits = bytesPerSecond * 8
    return bits >= 1e9 ? String(format: "%.1f Gbit/s", bits / 1e9) : String(format: "%.1f Mbit/s", bits / 1e6)
  }

  /// A time below a second in milliseconds or microseconds.
  static func time(_ seconds: Double) -> String {
    switch abs(seconds) {
    case 1...: String(format: "%.1f s", seconds)
    case 1e-3...: String(format: "%.1f ms", seconds * 1e3)
    default: String(format: "%.0f µs", seconds * 1e6)
    }
  }
}
