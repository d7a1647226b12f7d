import Foundation
import Synchronization

/// The line of a terminal that a bar is drawn on, again and again; lines that stay are printed above it.
package final class TerminalLine: Sendable {
  /// The terminal of this process.
  package static let shared = TerminalLine()

  /// Whether standard error is a terminal that can erase a line.
  package static var isThere: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// What erases the line that the cursor is on.
  package static let erasure = "\r\u{1B}[K"

  package static var width: Int {
    var size = winsize()
    let columns = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
    let stated = Int(ProcessInfo.processInfo.environment["COLUMNS"] ?? "") ?? 100
    return min(max(columns > 0 ? columns : stated, 40), 160)
  }

  private let isDrawn = Mutex(false)

  private init() {}

  /// Draws a text in place of the last one.
  package func draw(_ text: String) {
    isDrawn.withLock { $0 = true }
    StandardError.print(Self.erasure + text, terminator: "")
  }

  /// Erases what is drawn.
  package func erase() {
    if leave() { StandardError.print(Self.erasure, terminator: "") }
  }

  /// Prints a line that stays, in place of what is drawn.
  package func print(_ text: String) {
    StandardError.print((leave() ? Self.erasure : "") + text)
  }

  /// - Returns: whether something was drawn.
  private func leave() -> Bool {
    isDrawn.withLock { isDrawn in
      defer { isDrawn = false }
      return isDrawn
    }
  }

  /// `██████▍   `, of so many columns.
  package static func bar(_ fraction: Double, width: Int) -> String {
    let eighths = Int(min(max(fraction, 0), 1) * Double(width * 8))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    let drawn = String(repeating: "█", count: eighths / 8) + partial
    return drawn + String(repeating: " ", count: max(0, width - drawn.count))
  }
}
