import Launching
import Lockstep

/// The commands that a finished run suggests, with the paths of this run.
struct NextCommands {
  let directory: RunDirectory
  let recipe: Recipe

  var lines: [String] { ["next:"] + commands.map { "  \($0.shellText)" } }

  private var commands: [CommandLine] {
    let program = Swift.CommandLine.arguments.first ?? "lockstep"
    let report = CommandLine(program, ["report", directory.path])
    guard case .table(let files) = recipe.data.validation ?? recipe.data.train else { return [report] }
    let best = directory.model("best")
    let evaluate = CommandLine(program, ["evaluate", best] + files.names)
    let predict = CommandLine(program, ["predict", best, "--input", files.names[0], "--output", "predictions.csv"])
    return (recipe.data.validation == nil ? [] : [evaluate]) + [predict, report]
  }
}
