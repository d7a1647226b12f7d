import Checkpoints
import Foundation

/// `metrics.jsonl`: a line a step and a line an evaluation.
public final class MetricsLog: Observer {
  private let path: String
  private var file: FileHandle?

  public init(path: String) { self.path = path }

  public func observe(_ event: TrainingEvent) throws {
    switch event {
    case .began(let step, _): try open(keepingStepsThrough: step)
    case .step(let report): try write(line(report))
    case .evaluation(let report): try write(line(report))
    case .pace(let report): try write(line(report))
    case .ended: try file?.close()
    case .checkpoint, .warning: break
    }
  }

  /// Opens for appending; what an interrupted run logged beyond the step it is resumed from is cut off, because those
  /// steps come again.
  private func open(keepingStepsThrough step: Int) throws {
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let kept = old.split(separator: "\n").filter { (Self.step(of: $0) ?? .max) <= step }
    try AtomicFile.write(kept.map { $0 + "\n" }.joined(), to: path)
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw RunDirectoryError(path: path, problem: "cannot be opened for writing; check the folder's permissions")
    }
    file = handle
    try handle.seekToEnd()
  }

  private func write(_ line: JSONLine) throws { try file?.write(contentsOf: Data((line.description + "\n").utf8)) }

  private static func step(of line: Substring) -> Int? {
    (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["step"] as? Int
  }

  private func line(_ report: StepReport) -> JSONLine {
    var pairs: [(String, JSONLine)] = [
      ("step", .integer(report.step)), ("epoch", .integer(report.epoch)), ("loss", .number(report.loss)),
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
        ])
      ),
    ])
  }

  private func line(_ report: EvaluationReport) -> JSONLine {
    let values: [(String, JSONLine)] = [
      ("split", .string("validation")), ("weights", .string(report.weights)), ("rows", .integer(report.rows)),
      ("loss", .number(report.loss)),
    ]
    return .object([
      ("step", .integer(report.step)),
      ("evaluation", .object(values + report.metrics.map { ($0.name, .number($0.value)) })),
    ])
  }
}
