import ArgumentParser
import Foundation
import Lockstep

struct ObserverBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "observers",
    abstract: "Measure what metrics, ledger, TensorBoard, progress and timeline add to a step.",
    discussion: """
      In one process, and on two ranks:
        lockstep benchmark observers
        mpirun -n 2 --bind-to none lockstep benchmark observers --pairs 40
      """)

  @OptionGroup var options: SyntheticTaskOptions

  @Option(help: "Time this many pairs of a plain step and an observed one.")
  var pairs = 20

  func run() throws {
    try reportingFailure {
      let group = try LaunchedGroup.join()
      let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-observers-\(UUID().uuidString)")
        .path
      let directory = RunDirectory(path: folder)
      try directory.create()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let figures = try ObserverBenchmark(options.task(group), in: directory).run(pairs: max(1, pairs))
      if group.rank == 0 {
        try JSONLine.report(
          options.line("observers", ranks: group.size) + [
            ("plain_ms", .number(figures.plain * 1e3)), ("step_ms", .number(figures.observed * 1e3)),
            ("cost", .number(figures.cost)), ("processor_cost", .number(figures.processorCost)),
            ("telling_us", .number(figures.notifying * 1e6)), ("spans", .integer(figures.spans)),
            ("span_ns", .number(figures.span * 1e9)), ("share", .number(figures.share)),
          ])
      }
      try group.leave()
    }
  }
}
