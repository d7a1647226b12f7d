import ArgumentParser
import Console
import Foundation
import Lockstep

struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed", abstract: "Write the vector of each text, as an array of NumPy.",
    discussion: """
      The file holds Float32 [rows, columns], in the order of the rows. Vectors are
      pooled as the model's folder says (modules.json), or else as the mean of all
      tokens.

        lockstep embed output/models/best --input texts.tsv --output vectors.npy
        lockstep embed MiniLM --input texts.jsonl --text t --normalize --output v.npy
      """)

  @Argument(help: "A model's folder, such as output/models/best.", completion: .directory)
  var model: String

  @Option(help: "Rows: .tsv, .csv, .json or .jsonl.", completion: .file())
  var input: String

  @Option(help: "The file to write, .npy.", completion: .file())
  var output: String

  @Option(help: "The column of the text.")
  var text = "sentence"

  @Flag(help: "Divide each vector by its length.")
  var normalize = false

  @OptionGroup var table: TableFormatOptions

  func validate() throws {
    if input.isEmpty { throw ValidationError("--input is empty: name the file of the rows") }
    guard output.lowercased().hasSuffix(".npy") else {
      throw ValidationError("--output is \(output.debugDescription): name a file that ends in .npy")
    }
    if let problem = PredictionOutput.problem(of: output) { throw ValidationError("--output \(problem)") }
  }

  func run() throws {
    try reportingFailure {
      let embedder = try Embedder(directory: model)
      let columns = ColumnMapping(text: text, labels: [], vocabulary: .options)
      let rows = try Table(file: input, columns: columns, options: table.options)
      for note in embedder.notes { TableFormatOptions.remark(note) }
      let vectors = try embedder.vectors(of: rows, isNormalized: normalize)
      try AtomicFile.write(NumPyFile.content(vectors, width: embedder.width), to: output)
    }
  }
}
