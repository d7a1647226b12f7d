import Recipes
import Runs

/// Writes for TensorBoard what `metrics.jsonl` holds: the same numbers, rounded to the Float32 that TensorBoard shows; besides,
/// the recipe as hyperparameters, and histograms where they are asked for.
///
/// A run that begins anew begins its event files anew. One that is resumed adds a file, and the steps that it repeats are
/// forgotten by TensorBoard.
public final class EventLog: Observer {
  private let directory: RunDirectory
  private let hyperparameters: [String: String]
  private var file: EventFile?

  public init(directory: RunDirectory, recipe: Recipe) {
    self.directory = directory
    hyperparameters = recipe.values
  }

  public func observe(_ event: TrainingEvent) throws {
    switch event {
    case .began(let step, _): try begin(after: step)
    case .step, .evaluation, .pace:
      guard let (step, values) = event.scalars else { return }
      try file?.write(values.map { .init($0.tag, $0.value) }, step: step)
    case .histograms(let report): try file?.write(report.summary, step: report.step)
    case .ended:
      try file?.write([.sessionEnd], step: 0)
      file = nil
    case .checkpoint, .warning: break
    }
  }

  private func begin(after step: Int) throws {
    if step == 0 { try EventFile.removeAll(from: directory.path) }
    file = try EventFile(folder: directory.path, firstStep: step + 1, wait: directory.diskWait)
    if step == 0 { try file?.write([.sessionStart(hyperparameters)], step: 0) }
  }
}
