import Foundation
import Models
import Recipes
import Runs
import Tensors
import Training

/// Runs `body` with a folder of its own, which is gone afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "techniques-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

extension TrainingRun {
  /// A run that keeps its checkpoints in a folder and writes no models.
  convenience init(
    _ trainer: Trainer, in folder: String, reduction: Recipe.Reduction, checkpointEvery interval: Int? = nil,
    observers: [any Observer] = [], isLedgerKept: Bool = false, sharing: OutputSharing? = nil,
    isStopRequested: @escaping () -> Bool = { false }
  ) throws {
    let text = """
      model: {configuration: {}}
      data: {train: rows.tsv}
      checkpoint: {keep: 2\(interval.map { ", every: \($0)" } ?? "")}
      reduction: \(reduction)
      """
    let recipe = try Recipe(RecipeDocument(yaml: text, source: "test"))
    let directory = RunDirectory(path: folder)
    try directory.create()
    self.init(
      trainer: trainer, directory: directory, exporter: NoExporter(),
      keeper: CheckpointKeeper(directory: directory, recipe: recipe, sharing: sharing),
      observers: observers + (isLedgerKept ? [Ledger(directory: directory, recipe: recipe)] : []),
      isStopRequested: isStopRequested)
  }
}

private struct NoExporter: ModelExporter {
  func write(weights: Arena, buffers: Arena, to path: String) throws {}
}

/// Collects the warnings of a run.
final class WarningObserver: Observer {
  private(set) var warnings: [String] = []

  func observe(_ event: TrainingEvent) {
    if case .warning(let text) = event { warnings.append(text) }
  }
}
