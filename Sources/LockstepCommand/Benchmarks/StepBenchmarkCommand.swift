import ArgumentParser
import Lockstep

struct StepBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Measure a training step next to its matrix products alone, in one process or under mpirun.",
    discussion: """
        lockstep benchmark step --precision bf16
        mpirun -n 2 --bind-to none lockstep benchmark step
      """)

  @OptionGroup var options: SyntheticTaskOptions

  @Option(help: "Add gradients by ring, ordered or hierarchical.")
  var reduction = Recipe.Reduction.Kind.ring

  @Flag(help: "Let each rank update its own part of the weights, as with optimizer: {sharded: true}.")
  var sharded = false

  @Flag(help: "Compute layers again in the backward pass, as with model: {recompute: true}.")
  var recompute = false

  @Option(help: "Time this many steps.")
  var steps = 10

  func run() throws {
    try reportingFailure {
      let group = try LaunchedGroup.join()
      var task = try options.task(group)
      task.isSharded = sharded
      task.recomputesLayers = recompute
      let benchmark = StepBenchmark(task, reduction: Recipe.Reduction(reduction))
      let figures = try benchmark.run(repetitions: max(1, steps))
      try group.leave()
      guard group.rank == 0 else { return }
      try JSONLine.report(
        options.line("step", ranks: group.size) + [
          ("sharded", .boolean(sharded)), ("recompute", .boolean(recompute)),
          ("step_ms", .number(figures.step * 1e3)),
          ("products_ms", .number(figures.products * 1e3)),
          ("share_in_products", .number(figures.share)), ("utilisation", .number(figures.utilisation)),
          ("samples_per_second", .number(figures.samplesPerSecond)),
          ("alone_ms", figures.alone.map { .number($0 * 1e3) } ?? .null),
          ("share_of_alone", figures.alone.map { .number($0 / figures.step) } ?? .null),
          ("peak_mib", .integer(figures.peakBytes >> 20)),
          ("first_step_s", figures.firstStep.map { .number($0) } ?? .null),
        ])
    }
  }
}
