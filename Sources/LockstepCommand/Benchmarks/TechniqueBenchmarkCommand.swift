import ArgumentParser
import Lockstep

struct TechniqueBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "techniques", abstract: "Measure what each technique adds to a plain step.",
    discussion: """
        lockstep benchmark techniques --only fgm --only r_drop
      """)

  @OptionGroup var options: SyntheticTaskOptions

  @Option(
    help:
      "Measure this technique; may be repeated: \(TechniqueBenchmark.names.joined(separator: ", ")). All by default.")
  var only: [String] = []

  @Option(help: "Time this many pairs of a plain step and one with the technique.")
  var pairs = 5

  func validate() throws {
    for name in only where !TechniqueBenchmark.names.contains(name) {
      throw ValidationError(
        "--only \(name) is not a technique that can be measured; give one of \(TechniqueBenchmark.names.joined(separator: ", "))"
      )
    }
  }

  func run() throws {
    try reportingFailure {
      let group = try LaunchedGroup.join()
      let benchmark = try TechniqueBenchmark(options.task(group))
      try benchmark.run(only.isEmpty ? TechniqueBenchmark.names : only, pairs: max(1, pairs)) { figures in
        guard group.rank == 0 else { return }
        try JSONLine.report(
          options.line("techniques", ranks: group.size) + [
            ("technique", .string(figures.technique)), ("plain_ms", .number(figures.plain * 1e3)),
            ("step_ms", .number(figures.step * 1e3)), ("cost", .number(figures.cost)),
            ("processor_cost", .number(figures.processorCost)),
          ])
      }
      try group.leave()
    }
  }
}
