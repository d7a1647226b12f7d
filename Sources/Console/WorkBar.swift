import Synchronization

/// How far work is that has a known length, such as tokenizing a table: a bar on a terminal, elsewhere a line now and then.
///
/// Work that is done at once shows nothing, so that nothing flickers.
package final class WorkBar: Sendable {
  package enum Style: Sendable { case bar, lines }

  private struct State {
    var what = ""
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

  /// The style of a command that was not told one.
  package static var automatic: WorkBar { WorkBar(TerminalLine.isThere ? .bar : .lines) }

  /// Says how far the work is; the last call, with all done, takes the bar away.
  package func show(_ what: String, _ done: Int, of total: Int) {
    let elapsed: Duration? = state.withLock { state in
      let now = ContinuousClock.now
      if state.what != what { state = State(what: what, started: now) }
      guard now - state.started >= patience, state.shown.map({ now - $0 >= interval }) ?? true else { return nil }
      state.shown = now
      return now - state.started
    }
    if done >= total {
      state.withLock { $0 = State() }
      if style == .bar { line.erase() }
    } else if let elapsed {
      draw(what, done, of: total, seconds: elapsed / .seconds(1))
    }
  }

  /// `tokenizing train.tsv  41%|████▏     | 410000/1000000 [00:31<00:45]`
  private func draw(_ what: String, _ done: Int, of total: Int, seconds: Double) {
    let fraction = Double(done) / Double(max(1, total))
    let remaining = fraction > 0 ? seconds / fraction - seconds : .infinity
    let percent = String(Int(fraction * 100))
    let head = what + String(repeating: " ", count: max(1, 4 - percent.count)) + percent + "%"
    let facts = "\(done)/\(total) [\(ClockText.of(seconds: seconds))<\(ClockText.of(seconds: remaining))]"
    guard style == .bar else { return line.print("\(head) \(facts)") }
    let width = max(10, TerminalLine.width - head.count - facts.count - 4)
    line.draw("\(head)|\(TerminalLine.bar(fraction, width: width))| \(facts)")
  }
}
