import ArgumentParser
import Console
import Lockstep

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Look at the timeline of a run that was trained with --trace.",
    discussion: """
        lockstep train recipe.yaml --output output/run --trace
        lockstep trace summary output/run
      """,
    subcommands: [Summary.self])

  struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "summary", abstract: "Say where each rank's time went: compute, reductions, waiting and all else.",
      discussion: """
          lockstep trace summary output/run
          lockstep trace summary output/run --json

        Each kind's own time, without what lies within it, so that a column adds up. Of a run that failed it reads the
        parts that its ranks left. To see the timeline itself, open OUTPUT/trace.json at https://ui.perfetto.dev.
        """)

    @Argument(help: "The output folder of the run.")
    var output: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
      try reportingFailure {
        let summary = try TraceSummary(of: RunDirectory(path: output))
        try StandardOutput.print(json ? summary.json.description : summary.description)
      }
    }
  }
}
