import Synchronization

/// How far work is: a bar on a terminal, elsewhere a line now and then.
///
/// Work that is done at once shows nothing, so that nothing flickers.
package final class WorkBar: WorkDisplay {
  package enum Style: Sendable { case bar, lines }

  private struct State {
    var name = ""
    var started = ContinuousClock.now
    var shown: ContinuousClock.Instant?
  }

  private let style: Style
  private let line = TerminalLine.shared
  private let state = Mutex(State())
  /// How long work may take before it is shown, and the time between two looks at it.
  private let patience: Duration
  private let interval: Duration

  package init(_ style: Style) {
    self.style = style
    (patience, interval) =
      style == .bar ? (.milliseconds(500), .milliseconds(100)) : (.seconds(5), .seconds(10))
  }

  /// In the style that suits standard error.
  package static var automatic: WorkBar { WorkBar(TerminalLine.isThere ? .bar : .lines) }

  package func show(_ work: Work, _ done: Int) {
    let now = ContinuousClock.now
    let elapsed: Duration? = state.withLock { state in
      if state.name != work.name { state = State(name: work.name, started: now) }
      guard now - state.started >= patience, state.shown.map({ now - $0 >= interval }) ?? true else { return nil }
      state.shown = now
      return now - state.started
    }
    guard let elapsed else { return }
    let text = Self.text(work, done, seconds: elapsed / .seconds(1), columns: style == .bar ? TerminalLine.width : nil)
    if style == .bar { line.draw(text) } else { line.print(text) }
  }

  package func end(_ work: Work) {
    let wasShown = state.withLock { state in
      defer { state = State() }
      return state.name == work.name && state.shown != nil
    }
    if wasShown, style == .bar { line.erase() }
  }

  /// `tokenizing train.tsv  41%|████▏     | 410000/1000000 [00:31<00:45]`
  ///
  /// - Parameter columns: nil for no bar.
  package static func text(_ work: Work, _ done: Int, seconds: Double, columns: Int?) -> String {
    let fraction = min(1, Double(done) / Double(max(1, work.total)))
    let remaining = fraction > 0 ? seconds / fraction - seconds : .infinity
    let percent = String(Int(fraction * 100))
    let head = work.name + String(repeating: " ", count: max(1, 4 - percent.count)) + percent + "%"
    let times = " [\(ClockText.of(seconds: seconds))<\(ClockText.of(seconds: remaining))]"
    let facts =
      switch work.unit {
      case .rows: "\(done)/\(work.total)\(times)"
      case .bytes: "\(done / 1_000_000)/\(work.total / 1_000_000) MB\(times)"
      }
    guard let columns else { return "\(head) \(facts)" }
    let width = max(10, columns - head.count - facts.count - 4)
    return "\(head)|\(TerminalLine.bar(fraction, width: width))| \(facts)"
  }
}
