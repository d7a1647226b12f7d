import ArgumentParser

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark", abstract: "Measure this machine; prints JSON lines.",
    discussion: """
        lockstep benchmark step
        lockstep benchmark reduce
      """,
    subcommands: [
      StepBenchmarkCommand.self, TechniqueBenchmarkCommand.self, ReduceBenchmarkCommand.self,
      KernelBenchmarkCommand.self, ObserverBenchmarkCommand.self,
    ])
}
