import ArgumentParser
import Lockstep

struct KernelBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Measure each fast loop on one thread, next to a copy of as much memory or one large product.",
    discussion: """
        lockstep benchmark kernels
      """)

  @Option(help: "Report the median of this many rounds.")
  var rounds = 7

  func run() throws {
    try reportingFailure {
      try KernelBenchmark().run(rounds: max(1, rounds)) { figures in
        try JSONLine.report([
          ("benchmark", .string("kernels")), ("kernel", .string(figures.name)), ("unit", .string(figures.unit)),
          ("giga_per_second", .number(figures.rate / 1e9)),
          ("floor_giga_per_second", .number(figures.floorRate / 1e9)), ("share", .number(figures.share)),
        ])
      }
    }
  }
}
