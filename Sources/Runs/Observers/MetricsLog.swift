import Support
import Training

/// `metrics.jsonl`: a line a step and a line an evaluation.
public final class MetricsLog: Observer {
  private let log: LineLog
  var path: String { log.path }

  public init(path: String, wait: DiskWait = .usual) { log = LineLog(path: path, wait: wait) }

  public func observe(_ event: TrainingEvent) throws {
    switch event {
    case .began(let step, _): try log.open(keepingStepsThrough: step)
    case .step(let report): try log.write(line(report))
    case .evaluation(let report): try log.write(line(report))
    case .pace(let report): try log.write(line(report))
    case .ended: try log.close()
    case .histograms, .checkpoint, .warning: break
    }
  }

  public func synchronize() throws { try log.synchronize() }

  private func line(_ report: StepReport) -> JSONLine {
    var pairs: [(String, JSONLine)] = [
      ("step", .integer(report.step)), ("epoch", .integer(report.epoch + 1)), ("loss", .number(report.loss)),
      ("learning_rate", .number(report.learningRate)), ("gradient_norm", .number(report.gradientNorm)),
      ("samples_per_second", .number(report.samplesPerSecond)), ("seconds", .number(report.seconds)),
    ]
    if !report.terms.isEmpty { pairs.append(("terms", .object(report.terms.map { ($0.name, .number($0.value)) }))) }
    if let freezing = report.freezing { pairs.append(("frozen", .array(freezing.paths.map(JSONLine.string)))) }
    if !report.isCommitted { pairs.append(("skipped", .boolean(true))) }
    return .object(pairs)
  }

  private func line(_ report: PaceReport) -> JSONLine {
    func numbers(_ values: [Double]) -> JSONLine { .array(values.map { .number(($0 * 1e4).rounded() / 1e4) }) }
    return .object([
      ("step", .integer(report.step)),
      (
        "ranks",
        .object([
          ("steps", .integer(report.steps)), ("data", numbers(report.data)), ("compute", numbers(report.compute)),
          ("communication", numbers(report.communication)), ("waiting", numbers(report.waiting)),
          ("memory", .array(report.memory.map(JSONLine.integer))),
        ])
      ),
    ])
  }

  private func line(_ report: EvaluationReport) -> JSONLine {
    var values: [(String, JSONLine)] = [
      ("split", .string("validation")), ("weights", .string(report.weights)), ("rows", .integer(report.rows)),
      ("loss", .number(report.loss)),
    ]
    if let loss = report.trainingLoss { values.append(("training_loss", .number(loss))) }
    let positive = report.positive.map { [("positive", JSONLine.string($0))] } ?? []
    let classes = report.classF1.map { ($0.name, JSONLine.number(($0.value * 1e6).rounded() / 1e6)) }
    let byClass = classes.isEmpty ? [] : [("f1_by_class", JSONLine.object(classes))]
    return .object([
      ("step", .integer(report.step)),
      ("evaluation", .object(values + positive + report.metrics.map { ($0.name, .number($0.value)) } + byClass)),
    ])
  }
}
