import Checkpoints
import Training

/// The newest models of a run that were each better than all before, as `models/step-400-accuracy-0.7048`.
struct ImprovedModels {
  let directory: RunDirectory
  /// How many of them stay; 0 for none.
  let count: Int
  /// Of the metric that chooses them.
  let isLargerBetter: Bool

  /// The name of a model's folder.
  struct Name: Equatable, CustomStringConvertible {
    let step: Int
    let metric: String
    let value: Double

    init(step: Int, metric: String, value: Double) { (self.step, self.metric, self.value) = (step, metric, value) }

    /// Nil where a folder's name is not such a one.
    init?(_ name: String) {
      let parts = name.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0] == "step", let step = Int(parts[1]), let value = Double(parts[3]) else {
        return nil
      }
      self.init(step: step, metric: String(parts[2]), value: value)
      guard description == name else { return nil }
    }

    var description: String { "step-\(step)-\(metric)-" + EvaluationReport.fourPlaces(value) }

  }

  /// Whether one came before another of the same run: of one step, the better came later.
  private func isOlder(_ one: Name, than other: Name) -> Bool {
    if one.step != other.step { return one.step < other.step }
    return isLargerBetter ? one.value < other.value : one.value > other.value
  }

  /// Those that are there, oldest first.
  var names: [Name] {
    ((try? PosixStorage().list(directory.models)) ?? []).compactMap { Name($0) }.sorted { isOlder($0, than: $1) }
  }

  /// Removes the oldest beyond the count.
  func retain() throws {
    for name in names.dropLast(count) { try FileTree(directory.model("\(name)")).remove() }
  }

  /// Removes those of steps that come again.
  func remove(after step: Int) throws {
    for name in names where name.step > step { try FileTree(directory.model("\(name)")).remove() }
  }
}
