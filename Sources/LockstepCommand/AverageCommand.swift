import ArgumentParser
import Console
import Lockstep

struct AverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "average",
    abstract: "Write the mean of several models, or of a run's newest checkpoints, as one model.",
    discussion: """
        lockstep average a/models/last b/models/last --output averaged
        lockstep average output --newest 3 --output averaged
      """)

  @Argument(help: "Models' folders; with --newest, one run's output folder.", completion: .directory)
  var inputs: [String]

  @Option(help: "Average this many of the run's newest checkpoints.")
  var newest: Int?

  @Option(help: "The model's folder to write.")
  var output: String

  func validate() throws {
    if let newest, newest < 1 { throw ValidationError("give --newest at least 1") }
    if newest != nil, inputs.count != 1 { throw ValidationError("with --newest give one run's output folder") }
  }

  func run() throws {
    try reportingFailure {
      if let newest {
        try SavedModels.average(newest: newest, of: RunDirectory(path: inputs[0]), to: output)
      } else {
        try SavedModels.average(inputs, to: output)
      }
      try StandardOutput.print("model: \(output)")
    }
  }
}
