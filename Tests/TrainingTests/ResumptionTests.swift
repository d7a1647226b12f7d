import Collectives
import DataParallel
import Foundation
import Models
import Recipes
import Runs
import Tensors
import TestSupport
import Testing
import Training

@Suite("A checkpoint and the inputs of its run")
struct ResumptionTests {
  private struct NoExporter: ModelExporter {
    func write(weights: Arena, buffers: Arena, to path: String) throws {}
  }

  private final class Warnings: Observer {
    var texts: [String] = []
    func observe(_ event: TrainingEvent) {
      if case .warning(let text) = event { texts.append(text) }
    }
  }

  /// - Returns: the warnings of a run to a step that begins, or is resumed, with these inputs.
  private func run(in folder: String, through step: Int, inputs: [String: String]?) throws -> [String] {
    let recipe = try Recipe(
      RecipeDocument(yaml: "{model: {configuration: {}}, data: {train: rows.tsv}}", source: "test"))
    let directory = RunDirectory(path: folder)
    try directory.create()
    let trainer = Trainer(
      parts: try TinyBert.parts(microbatch: 4), settings: TrainingSettings(seed: 1, totalSteps: step),
      replicas: DataParallelGroup(SoloGroup()))
    let warnings = Warnings()
    let keeper = CheckpointKeeper(
      directory: directory, recipe: recipe, inputs: inputs.map { inputs in RunInputs(paths: []) { inputs } })
    let run = TrainingRun(
      trainer: trainer, directory: directory, exporter: NoExporter(), keeper: keeper, observers: [warnings],
      isStopRequested: { false })
    run.foreignModels = ["swa"]
    _ = try run.run(resume: .auto)
    return warnings.texts
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-inputs-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test("a checkpoint that knows of no inputs is resumed with a warning, and the next one knows them")
  func unknown() throws {
    try withFolder { folder in
      _ = try run(in: folder, through: 2, inputs: nil)
      let warned = try run(in: folder, through: 4, inputs: ["data.train": "a"])
      #expect(warned.contains { $0.contains("step-00000002 does not say which rows") }, "\(warned)")
      let silent = try run(in: folder, through: 6, inputs: ["data.train": "a"])
      #expect(silent == [])
      let error = #expect(throws: TrainingError.self) { try run(in: folder, through: 8, inputs: ["data.train": "b"]) }
      #expect(error?.description.contains("data.train changed since") == true)
    }
  }

  @Test("a run that is continued puts aside the model of a technique that it lacks, and says so")
  func foreignModel() throws {
    try withFolder { folder in
      _ = try run(in: folder, through: 2, inputs: nil)
      for name in ["swa", "mine"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/models/\(name)", withIntermediateDirectories: true)
      }
      let warned = try run(in: folder, through: 4, inputs: nil)
      #expect(warned.count == 1 && warned[0].contains("models swa"), "\(warned)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/models") == ["mine"])
      let aside = try PutAside.all(in: RunDirectory(path: folder))
      #expect(aside.map(\.kind) == [.run])
      for item in aside { try item.remove() }
      #expect(try PutAside.all(in: RunDirectory(path: folder)) == [])
      #expect(try run(in: folder, through: 6, inputs: nil) == [])
    }
  }

  @Test("validation rows may come later; a vocabulary that changed is named, and not the rows that it changed")
  func names() throws {
    try withFolder { folder in
      let first = ["data.train": "a", "model.vocabulary": "v"]
      _ = try run(in: folder, through: 2, inputs: first)
      #expect(try run(in: folder, through: 4, inputs: first.merging(["data.validation": "c"]) { $1 }) == [])
      let error = #expect(throws: TrainingError.self) {
        try run(in: folder, through: 6, inputs: ["data.train": "b", "model.vocabulary": "w"])
      }
      #expect(error?.description.contains("(model.vocabulary changed since)") == true, "\(error as Any)")
    }
  }
}
