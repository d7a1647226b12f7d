import Checkpoints
import Recipes
import Training

/// What a checkpoint's files must agree upon before any of it is used: they come from a disk, and may be anybody's.
extension SavedState {
  /// - Throws: `TrainingError` where the state is of another step than the manifest, or has counts that no run reaches.
  func check(against checkpoint: Checkpoint) throws {
    if let problem = problem(step: checkpoint.step) {
      throw TrainingError.impossibleCheckpoint(path: checkpoint.path, problem: problem)
    }
  }

  /// What is impossible about the state of a checkpoint of a step; nil where nothing is.
  package func problem(step committed: Int) -> String? {
    guard step == committed else { return "state.json is of step \(step), and manifest.json of step \(committed)" }
    guard 0...RecipeValue.largestInteger ~= step else { return "state.json is of step \(step), which no run reaches" }
    let counts = [
      ("bestStep", progress.bestStep, 0), ("evaluationsSinceBest", progress.evaluationsSinceBest, 0),
      ("lastEvaluatedStep", progress.lastEvaluatedStep, -1),
    ]
    // A run may evaluate once more at its end.
    if let (name, value, _) = counts.first(where: { !($0.2...step + 1 ~= $0.1) }) {
      return "state.json has \(name) \(value) at step \(step)"
    }
    guard 0...0x1p53 ~= progress.lossWeight ?? 0 else {
      return "state.json has lossWeight \(progress.lossWeight ?? 0)"
    }
    if let (name, value) = values.sorted(by: { $0.key < $1.key }).first(where: { !Self.isPossible($0.key, $0.value) }) {
      return "state.json has the value \(value) for \(name)"
    }
    return nil
  }

  /// Counters are whole numbers; what a technique of somebody else keeps may be any.
  private static func isPossible(_ name: String, _ value: Double) -> Bool {
    let isCounter = name.hasPrefix("optimizer.") || counters.contains { name.hasSuffix("." + $0) }
    return value.isFinite && (!isCounter || 0...0x1p53 ~= value && value == value.rounded())
  }

  private static let counters = ["averaged", "taken", "kept", "growth_tracker"]
}

extension Trainer {
  /// - Throws: `TrainingError` where the tensors of a file are not those of the model, before any of them is read.
  func checkShapes(of reader: CheckpointReader) throws {
    for own in jointArenas + rootArenas {
      let difference = reader.difference(own.kind, from: own.arena.layout.forCheckpoint)
      guard !difference.isEmpty else { continue }
      throw TrainingError.foreignCheckpoint(
        path: reader.checkpoint.path, difference: "\(own.kind) has other tensors than the model: \(difference)")
    }
  }
}
