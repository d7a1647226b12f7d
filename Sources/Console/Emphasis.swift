import Foundation

/// Bold and colours for people: only on a terminal that can show them, and never where `NO_COLOR` is set (no-color.org).
package struct Emphasis: Sendable {
  /// For text on standard output.
  package static let output = Emphasis(STDOUT_FILENO)
  /// For text on standard error.
  package static let error = Emphasis(STDERR_FILENO)

  private let isOn: Bool

  package init(_ descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
    let isWanted = environment["NO_COLOR", default: ""].isEmpty && environment["TERM", default: "dumb"] != "dumb"
    isOn = isWanted && isatty(descriptor) == 1
  }

  package func strong(_ text: String) -> String { marked(text, "1") }
  /// For what failed.
  package func alarming(_ text: String) -> String { marked(text, "1;31") }
  /// For what the user should look at.
  package func warning(_ text: String) -> String { marked(text, "33") }
  /// For what went well.
  package func good(_ text: String) -> String { marked(text, "32") }

  private func marked(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
