import Checkpoints
import Foundation
import Training
import Recipes
import Runs
import Support

/// Writes a run's recipe and numbers into a folder that MLflow opens: `mlflow ui --backend-store-uri FOLDER`.
///
/// The numbers have the tags that TensorBoard's have. A run that is resumed continues as the same run, without the values of
/// the steps that it repeats; `OUTPUT/mlflow.json` names it.
public final class MLflowLog: Observer {
  private let directory: RunDirectory
  private let store: MLflowStore
  private let parameters: [String: String]
  private var run: MLflowRun?
  private var files: [String: AppendedFile] = [:]

  /// - Parameters:
  ///   - folder: MLflow's folder, usually called `mlruns`.
  public init(folder: String, directory: RunDirectory, recipe: Recipe) {
    self.directory = directory
    store = MLflowStore(folder: folder, wait: directory.diskWait)
    parameters = recipe.values
  }

  public func observe(_ event: TrainingEvent) throws {
    switch event {
    case .began(let step, _): try begin(after: step)
    case .step, .evaluation, .pace: try write(event.scalars)
    case .ended: try end()
    case .histograms, .checkpoint, .warning: break
    }
  }

  public func synchronize() throws { for file in files.values { try file.synchronize() } }

  private var note: String { directory.path + "/mlflow.json" }

  private func begin(after step: Int) throws {
    files = [:]
    if step > 0, let text = FileManager.default.contents(atPath: note),
      let old = MLflowRun([UInt8](text), in: store.folder),
      store.holds(old.id)
    {
      run = old
      try MLflowMetrics(folder: store.metrics(of: old.id)).keep(through: step)
      try store.describe(old)
    } else {
      let new = MLflowRun(name: directory.path)
      run = new
      try store.begin(
        new, parameters: parameters,
        tags: ["mlflow.runName": new.name, "mlflow.user": new.user, "lockstep.output": directory.path])
      let text = new.line(in: store.folder)
      try directory.diskWait.retrying(note) { try AtomicFile.write(text, to: note) }
    }
  }

  private func write(_ scalars: (step: Int, values: [Scalar])?) throws {
    guard let run, let (step, values) = scalars else { return }
    let time = MLflowRun.now
    for (tag, value) in values {
      try file(of: tag, run).write("\(time) \(value) \(step)\n".utf8)
    }
  }

  private func file(of tag: String, _ run: MLflowRun) throws -> AppendedFile {
    if let file = files[tag] { return file }
    let path = "\(store.metrics(of: run.id))/\(MLflowStore.name(tag))"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    let file = try AppendedFile(path, wait: directory.diskWait)
    files[tag] = file
    return file
  }

  private func end() throws {
    guard var run else { return }
    files = [:]
    run.end = MLflowRun.now
    try store.describe(run)
    self.run = nil
  }
}
