import ArgumentParser
import Console
import Lockstep

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Read the timeline of a run that was trained with --trace.",
    discussion: """
        lockstep train recipe.yaml --output output/run --trace
        lockstep trace summary output/run
      """,
    subcommands: [Summary.self])

  struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "summary",
      abstract: "Show where the time of each rank went: computing, reductions, waiting and the rest.",
      discussion: """
          lockstep trace summary output/run
          lockstep trace summary output/run --json

        A time excludes the spans within it, so that a column adds up. For a run that failed, the parts that its ranks \
        left are read. To see the timeline itself, open OUTPUT/trace.json at https://ui.perfetto.dev.
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
