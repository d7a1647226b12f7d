import Foundation

/// Progress on standard error: a bar that redraws itself on a terminal, plain lines now and then elsewhere.
public final class ProgressBar: Observer {
  /// How progress is shown; a launcher such as mpirun hides the terminal, so `automatic` draws no bar under it.
  public enum Style: String, Sendable, CaseIterable { case automatic = "auto", bar, lines }

  private let drawsBar: Bool
  private let width: Int
  private var totalSteps = 0
  private var firstStep = 0
  private var started = ContinuousClock.now
  private var lastDrawn = ContinuousClock.now
  private var smoothedLoss: Double?

  /// Seconds between plain lines, and between two drawings of the bar.
  private let plainInterval = Duration.seconds(10)
  private let barInterval = Duration.milliseconds(100)

  public init(_ style: Style = .automatic) {
    drawsBar =
      switch style {
      case .automatic: isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
      case .bar: true
      case .lines: false
      }
    width = min(Int(ProcessInfo.processInfo.environment["COLUMNS"] ?? "") ?? 100, 160)
  }

  public func observe(_ event: TrainingEvent) {
    switch event {
    case .began(let step, let total):
      (firstStep, totalSteps) = (step, total)
      started = .now
      lastDrawn = started
      if step > 0 { say("resumed after step \(step)") }
    case .step(let report):
      if let freezing = report.freezing { say("frozen from step \(report.step): \(freezing)") }
      draw(report)
    case .evaluation(let report): say(text(report))
    case .checkpoint(let step): say("checkpoint of step \(step) committed")
    case .warning(let text): say(Emphasis.error.warning("warning:") + " \(text)")
    case .ended, .histograms, .pace: break
    }
  }

  private func draw(_ report: StepReport) {
    smoothedLoss = smoothedLoss.map { 0.9 * $0 + 0.1 * report.loss } ?? report.loss
    let isLast = report.step == totalSteps
    guard isLast || .now - lastDrawn >= (drawsBar ? barInterval : plainInterval) else { return }
    lastDrawn = .now
    let line = statusLine(report)
    if drawsBar && !isLast { print("\r\u{1B}[K" + line, terminator: "", to: &standardError) } else { say(line) }
  }

  /// `epoch 2  41%|████▏     | 410/1000 [00:31<00:45, 13.1 steps/s, loss 0.312, lr 1.8e-05]`
  private func statusLine(_ report: StepReport) -> String {
    let elapsed = (.now - started) / .seconds(1)
    let done = report.step - firstStep
    let rate = elapsed > 0 ? Double(done) / elapsed : 0
    let remaining = rate > 0 ? Double(totalSteps - report.step) / rate : 0
    let fraction = totalSteps > 0 ? Double(report.step) / Double(totalSteps) : 1
    let speed = rate >= 1 || rate == 0 ? String(format: "%.1f steps/s", rate) : String(format: "%.2f s/step", 1 / rate)
    let facts = String(
      format: "%d/%d [%@<%@, %@, loss %.4f, lr %.2g]", report.step, totalSteps, clock(elapsed), clock(remaining), speed,
      smoothedLoss ?? report.loss, report.learningRate)
    let head = String(format: "epoch %d %3d%%", report.epoch + 1, Int(fraction * 100))
    guard drawsBar else { return "\(head) \(facts)" }
    return "\(head)|\(bar(fraction, width: max(10, width - head.count - facts.count - 3)))| \(facts)"
  }

  private func bar(_ fraction: Double, width: Int) -> String {
    let eighths = Int(fraction * Double(width * 8))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    let drawn = String(repeating: "█", count: eighths / 8) + partial
    return drawn + String(repeating: " ", count: max(0, width - drawn.count))
  }

  private func clock(_ seconds: Double) -> String {
    let seconds = Int(seconds)
    let minutes = String(format: "%02d:%02d", seconds / 60 % 60, seconds % 60)
    return seconds < 3600 ? minutes : "\(seconds / 3600):\(minutes)"
  }

  private func text(_ report: EvaluationReport) -> String {
    let metrics = report.metrics.map { String(format: "%@ %.4f", $0.name, $0.value) }.joined(separator: ", ")
    let name = report.weights == "raw" ? "" : " (\(report.weights))"
    let training = report.trainingLoss.map { String(format: "; training loss %.4f", $0) } ?? ""
    return String(format: "step %d, validation%@: loss %.4f, %@", report.step, name, report.loss, metrics) + training
  }

  private func say(_ line: String) { print((drawsBar ? "\r\u{1B}[K" : "") + line, to: &standardError) }

  private var standardError = StandardError()
}

/// Standard error as a place to print to.
public struct StandardError: TextOutputStream {
  public init() {}
  public mutating func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
