import Support

/// Something that was looked at: how it stands, and what to do about it.
public struct Finding: Equatable, Sendable {
  public enum Level: String, Sendable, CaseIterable { case ok, warning, error }

  public var level: Level
  /// The host it is about, or two of them; empty for the job as a whole.
  public var host: String
  /// What was looked at, in a word or two.
  public var subject: String
  public var found: String
  /// What to do; empty where there is nothing to do.
  public var advice: String
  /// What was measured, by name and unit.
  public var figures: [String: Double]

  public init(
    _ level: Level, _ subject: String, host: String = "", _ found: String, advice: String = "",
    figures: [String: Double] = [:]
  ) {
    self.level = level
    self.host = host
    self.subject = subject
    self.found = found
    self.advice = advice
    self.figures = figures
  }

  /// Host, finding and advice, on one line.
  public var words: String {
    (host.isEmpty ? "" : "\(host): ") + found + (advice.isEmpty ? "" : "; \(advice)")
  }

  /// The line for a terminal.
  public var text: String {
    level.rawValue.padding(to: 8) + subject.padding(to: 11) + words
  }

  /// The line for a program.
  public var json: JSONLine {
    .object([
      ("level", .string(level.rawValue)), ("host", .string(host)), ("subject", .string(subject)),
      ("found", .string(found)), ("advice", .string(advice)),
      ("figures", .object(figures.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })),
    ])
  }
}

extension String {
  /// The text with blanks behind it, at least one.
  func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
