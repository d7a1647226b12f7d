import Console
import Foundation
import Scores
import Training

/// Progress on standard error: a bar that redraws itself on a terminal, plain lines now and then elsewhere.
public final class ProgressBar: Observer {
  /// How progress is shown; a launcher such as mpirun hides the terminal, so `automatic` draws no bar under it.
  public enum Style: String, Sendable, CaseIterable { case automatic = "auto", bar, lines }

  /// What the run is about to do, said at its beginning.
  public var banner: StartBanner?
  /// Steps of an epoch, which the bar counts; nil for a bar that counts the steps of the run.
  public var stepsPerEpoch: Int?

  private let drawsBar: Bool
  private let line = TerminalLine.shared
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
      case .automatic: TerminalLine.isThere
      case .bar: true
      case .lines: false
      }
  }

  /// Shows other work in the same style.
  package var workBar: WorkBar { WorkBar(drawsBar ? .bar : .lines) }

  public func observe(_ event: TrainingEvent) {
    switch event {
    case .began(let step, let total): begin(step, of: total)
    case .step(let report):
      if let freezing = report.freezing { line.print("frozen from step \(report.step): \(freezing)") }
      draw(report)
    case .evaluation(let report): line.print(Self.text(report))
    case .checkpoint(let step): line.print("checkpoint of step \(step) committed")
    case .warning(let text): line.print(Emphasis.error.warning("warning:") + " \(text)")
    case .ended: line.erase()
    case .histograms, .pace: break
    }
  }

  private func begin(_ step: Int, of total: Int) {
    (firstStep, totalSteps) = (step, total)
    started = .now
    lastDrawn = started
    if let banner {
      for text in banner.lines(fromStep: step) { line.print(text) }
    } else if step > 0 {
      line.print("resumed after step \(step)")
    }
  }

  private func draw(_ report: StepReport) {
    smoothedLoss = smoothedLoss.map { 0.9 * $0 + 0.1 * report.loss } ?? report.loss
    let isLast = report.step == totalSteps
    guard isLast || .now - lastDrawn >= (drawsBar ? barInterval : plainInterval) else { return }
    lastDrawn = .now
    let text = status(
      StepPosition(report.step, of: totalSteps, stepsPerEpoch: stepsPerEpoch), loss: smoothedLoss ?? report.loss,
      learningRate: report.learningRate, done: report.step - firstStep, elapsed: (.now - started) / .seconds(1))
    if drawsBar && !isLast { line.draw(text) } else { line.print(text) }
  }

  /// `epoch 2/3  41%|████▏     | 410/1000 [00:31<00:45, 13.1 steps/s, loss 0.312, lr 1.8e-05]`, where the times are those of the run.
  private func status(
    _ position: StepPosition, loss: Double, learningRate: Double, done: Int, elapsed: Double
  ) -> String {
    let rate = elapsed > 0 ? Double(done) / elapsed : 0
    let remaining = rate > 0 ? Double(totalSteps - firstStep - done) / rate : .infinity
    let speed =
      rate >= 1 || rate == 0 ? "\(rate.text(decimals: 1)) steps/s" : "\((1 / rate).text(decimals: 2)) s/step"
    let facts =
      "\(position.step)/\(position.steps) [\(ClockText.of(seconds: elapsed))<\(ClockText.of(seconds: remaining)), \(speed),"
      + " loss \(loss.text(decimals: 4)), lr \(learningRate.text(digits: 2))]"
    let head = position.epochText + String(format: "%3d%%", position.percent)
    guard drawsBar else { return "\(head) \(facts)" }
    let width = max(10, TerminalLine.width - head.count - facts.count - 4)
    return "\(head)|\(TerminalLine.bar(position.fraction, width: width))| \(facts)"
  }

  /// `step 400, validation: loss 0.4821, accuracy 0.7893`
  package static func text(_ report: EvaluationReport) -> String {
    let figures = [("loss", report.loss)] + report.metrics.map { ($0.name, $0.value) }
    let texts = figures.map { name, value in
      let positive = PositiveClass.isMeasured(by: name) ? report.positive : nil
      return "\(name) \(value.text(decimals: 4))" + (positive.map { " (class \($0))" } ?? "")
    }.joined(separator: ", ")
    let name = report.weights == "raw" ? "" : " (\(report.weights))"
    let training = report.trainingLoss.map { "; training loss \($0.text(decimals: 4))" } ?? ""
    return "step \(report.step), validation\(name): \(texts)\(training)"
  }
}

/// Where a step is within its epoch; both count from 1.
package struct StepPosition: Equatable {
  package let epoch: Int
  package let epochs: Int
  package let step: Int
  /// Steps of this epoch, of which the last one of a run may have fewer.
  package let steps: Int

  /// - Parameter stepsPerEpoch: nil for a run that is one epoch.
  package init(_ step: Int, of total: Int, stepsPerEpoch: Int?) {
    let length = max(1, min(stepsPerEpoch ?? total, total))
    epoch = max(0, step - 1) / length + 1
    epochs = max(1, (total + length - 1) / length)
    self.step = step - (epoch - 1) * length
    steps = max(1, min(length, total - (epoch - 1) * length))
  }

  package var fraction: Double { Double(step) / Double(steps) }
  package var percent: Int { step * 100 / steps }
  package var epochText: String { "epoch \(epoch)/\(epochs) " }
}
