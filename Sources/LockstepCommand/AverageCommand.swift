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

      Tensors are joined by name, classes by their names in config.json: where they
      stand in another order, the rows of the head are moved. Sums are of 64 bits.
      F32 and F64 stay what they are where all models agree; all else becomes F32.
      Refused, by name: other tensors or shapes, other classes, another vocabulary or
      other tokenizer options, keys of config.json that change what is computed,
      integers that differ, weights that are not numbers.
      """)

  @Argument(help: "Models' folders; with --newest, one run's output folder.", completion: .directory)
  var inputs: [String]

  @Option(help: "Average this many of the run's newest checkpoints.")
  var newest: Int?

  @Flag(help: "Round the mean of F16 and BF16 to F16 and BF16 again, instead of writing F32.")
  var keepHalves = false

  @Option(help: "The model's folder to write.")
  var output: String

  func validate() throws {
    if let newest, newest < 1 { throw ValidationError("give --newest at least 1") }
    if newest != nil, keepHalves { throw ValidationError("checkpoints are of F32: leave --keep-halves out") }
    if inputs.contains(where: { isSameFile($0, output) }) {
      throw ValidationError("--output \(output) is one of the models: give another folder")
    }
    if newest != nil, inputs.count != 1 { throw ValidationError("with --newest give one run's output folder") }
  }

  func run() throws {
    try reportingFailure {
      if let newest {
        try SavedModels.average(newest: newest, of: RunDirectory(path: inputs[0]), to: output)
      } else {
        try SavedModels.average(inputs, to: output, keepsHalves: keepHalves)
      }
      try StandardOutput.print("model: \(output)")
    }
  }
}
