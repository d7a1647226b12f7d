import Foundation
import Testing

/// Vectors of texts, from training without labels to a file.
@Suite("lockstep embed")
struct EmbedTests {
  private func trained() throws -> TinyRun {
    let run = try TinyRun()
    try run.changeRecipe("columns: {text: sentence, label: label}", "columns: {text: sentence}")
    try run.changeRecipe("  labels: 2\n", "")
    try run.changeRecipe(
      "evaluate: {every: 10, metrics: [accuracy, f1, matthews], best: accuracy}",
      "task: {kind: similarity, loss: infonce}\nevaluate: {every: 10}")
    let outcome = try run.train().run()
    #expect(outcome.status == 0, "\(outcome.error)")
    return run
  }

  private func lockstep(_ run: TinyRun, _ arguments: String...) throws -> Shell.Outcome {
    var command = Command(in: run.folder)
    command.arguments = arguments
    return try command.run()
  }

  /// The matrix of a file.
  private func matrix(_ run: TinyRun, _ file: String) throws -> (shape: [Int], values: [Float]) {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: run.folder.path + "/" + file)))
    #expect(Array(bytes[..<8]) == [0x93] + Array("NUMPY".utf8) + [1, 0])
    let length = Int(bytes[8]) + 256 * Int(bytes[9])
    #expect((10 + length) % 64 == 0)
    let header = String(decoding: bytes[10..<10 + length], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (") && header.hasSuffix("\n"))
    let shape = try #require(header.firstMatch(of: /\((\d+), (\d+)\)/)).output
    let values = stride(from: 10 + length, to: bytes.count, by: 4).map { place in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) })
    }
    return ([Int(shape.1) ?? 0, Int(shape.2) ?? 0], values)
  }

  @Test("writes a row a text, whose cosines are what predict says, from training without labels")
  func vectors() throws {
    let run = try trained()
    #expect(run.evaluations.last?["loss"] as? Double ?? 0 > 0)
    let model = "out/models/last"
    for file in ["modules.json", "1_Pooling/config.json", "sentence_bert_config.json"] {
      #expect(FileManager.default.fileExists(atPath: "\(run.folder.path)/\(model)/\(file)"), "\(file)")
    }
    try run.folder.write("a\tb\ngood fun\tbad jokes\na fine film\ta dull plot and more\n", to: "pairs.tsv")
    var sides: [[Float]] = []
    for column in ["a", "b"] {
      let outcome = try lockstep(
        run, "embed", model, "--input", "pairs.tsv", "--text", column, "--output", "\(column).npy")
      #expect(outcome.status == 0, "\(outcome.error)")
      let (shape, values) = try matrix(run, "\(column).npy")
      #expect(shape == [2, 32] && values.count == 64)
      sides.append(values)
    }
    let predicted = try lockstep(run, "predict", model, "--input", "pairs.tsv", "--text", "a", "--pair", "b")
    #expect(predicted.status == 0, "\(predicted.error)")
    for (row, line) in predicted.output.split(separator: "\n").enumerated() {
      let (a, b) = (sides[0][row * 32..<row * 32 + 32], sides[1][row * 32..<row * 32 + 32])
      func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      let cosine = dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
      let said = try #require(object(line)["similarity"] as? Double)
      #expect(abs(cosine - said) < 1e-5)
    }
    let unit = try lockstep(
      run, "embed", model, "--input", "pairs.tsv", "--text", "a", "--output", "unit.npy", "--normalize")
    #expect(unit.status == 0, "\(unit.error)")
    let lengths = try matrix(run, "unit.npy").values.prefix(32).reduce(0) { $0 + $1 * $1 }
    #expect(abs(lengths - 1) < 1e-5)
    let alone = try lockstep(run, "predict", model, "--text", "good fun")
    #expect(alone.status == 2 && alone.error.contains("compares the two texts of a pair"), "\(alone.error)")
  }

  @Test("refuses what is no place for vectors, and settings that do not go together, in one line")
  func refused() throws {
    let run = try TinyRun()
    let ending = try lockstep(run, "embed", "m", "--input", "dev.tsv", "--output", "v.csv")
    #expect(ending.status == 64 && ending.error.contains("ends in .npy"), "\(ending.error)")
    for (setting, problem) in [
      ("task={kind: similarity}", "data.columns.pair is missing"),
      ("task={kind: similarity, loss: infonce, temperature: 0}", "task.temperature"),
      ("task={kind: similarity, symmetric: true}", "task.symmetric belongs to infonce"),
      ("task={kind: similarity, loss: infonce}", "model.labels is given"),
    ] {
      let outcome = try run.train("--set", setting).run()
      #expect(outcome.status == 2 && outcome.error.contains(problem), "\(outcome.error)")
    }
  }
}
