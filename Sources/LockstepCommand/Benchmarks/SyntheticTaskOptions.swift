import ArgumentParser
import Console
import Lockstep

/// What the benchmarks of training steps have in common.
struct SyntheticTaskOptions: ParsableArguments {
  enum Model: String, CaseIterable, ExpressibleByArgument {
    case minilm, base

    var shape: EncoderShape { self == .minilm ? .miniLM : .bertBase }
  }

  @Option(
    help: "Use the shape of this model: \(Model.allCases.map(\.rawValue).joined(separator: ", ")).")
  var model = Model.minilm

  @Option(
    help: "Use the encoder of the config.json in this folder in place of a shape.",
    completion: .directory)
  var encoder: String?

  @Option(help: "Give each rank this many rows of the encoder's. (default: 8)")
  var rows: Int?

  @Option(help: "Give the encoder's rows this many tokens. (default: 128)")
  var length: Int?

  @Option(help: "Compute matrix products in fp32, bf16 or fp16.")
  var precision = Precision.fp32

  @Option(help: "Have matrices multiplied by portable code or by the libraries.")
  var numerics = Numerics.portable

  @Option(help: "Use this many threads a rank.")
  var threads = 1

  func validate() throws {
    guard encoder == nil, rows != nil || length != nil else { return }
    throw ValidationError("--rows and --length are those of --encoder: give its folder, or leave them out.")
  }

  func task(_ group: any Group) throws -> SyntheticTask {
    var task = try ownTask(group)
    task.numerics = numerics
    return task
  }

  private func ownTask(_ group: any Group) throws -> SyntheticTask {
    if let encoder {
      return try SyntheticTask(
        encoderIn: encoder, rows: rows ?? 8, length: length ?? 128, group: group, threads: threads, precision: precision
      )
    }
    return SyntheticTask(model.shape, group: group, threads: threads, precision: precision)
  }

  /// The beginning of each line.
  func line(_ benchmark: String, ranks: Int) -> [(String, JSONLine)] {
    [
      ("benchmark", .string(benchmark)), ("model", .string(encoder ?? model.rawValue)),
      ("precision", .string(precision.rawValue)), ("numerics", .string(numerics.rawValue)),
      ("ranks", .integer(ranks)), ("threads", .integer(threads)),
    ]
  }
}

extension Numerics: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension Recipe.Reduction.Kind: ExpressibleByArgument {}

extension JSONLine {
  /// Prints an object at once, so that a benchmark that is cut short has reported what it had.
  static func report(_ pairs: [(String, JSONLine)]) throws {
    try StandardOutput.print(JSONLine.object(pairs))
  }
}
