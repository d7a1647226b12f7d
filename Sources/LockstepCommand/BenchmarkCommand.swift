import ArgumentParser
import Lockstep

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark", abstract: "Measure this machine; prints JSON lines.", subcommands: [Step.self])

  struct Step: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A training step beside its matrix products alone, in one process or under mpirun.")

    enum Model: String, CaseIterable, ExpressibleByArgument {
      case minilm, base

      var shape: EncoderShape { self == .minilm ? .miniLM : .bertBase }
    }

    @Option(
      help: "The shape of the model and of a rank's batch: \(Model.allCases.map(\.rawValue).joined(separator: ", ")).")
    var model = Model.minilm

    @Option(help: "Number format of matrix products: fp32, bf16 or fp16.")
    var precision = Precision.fp32

    @Option(help: "Threads of a rank.")
    var threads = 1

    @Option(help: "Steps that are timed.")
    var steps = 10

    func run() throws {
      try reportingFailure {
        let group = try LaunchedGroup.join()
        let benchmark = try StepBenchmark(model.shape, group: group, threads: threads, precision: precision)
        let figures = try benchmark.run(repetitions: max(1, steps))
        try group.leave()
        guard group.rank == 0 else { return }
        print(
          JSONLine.object([
            ("benchmark", .string("step")), ("model", .string(model.rawValue)),
            ("precision", .string(precision.rawValue)), ("ranks", .integer(group.size)), ("threads", .integer(threads)),
            ("step_ms", .number(figures.step * 1e3)), ("products_ms", .number(figures.products * 1e3)),
            ("share_in_products", .number(figures.share)), ("samples_per_second", .number(figures.samplesPerSecond)),
          ]))
      }
    }
  }
}

extension Precision: ExpressibleByArgument {}
