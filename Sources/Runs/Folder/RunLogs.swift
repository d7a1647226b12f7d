import Checkpoints

/// The logs of a run that is continued: mended, and compared with the checkpoint that the run continues from.
extension RunDirectory {
  /// Drops what cannot be read and what is there twice.
  /// - Parameters:
  ///   - step: of the checkpoint.
  ///   - written: the logs that the run writes, which must hold the steps so far.
  /// - Returns: what was lost of them, and which of the steps so far they lack.
  func mendLogs(through step: Int, written: [String]) throws -> [String] {
    let unreadable: [String] = try [metrics, ledger, history].compactMap { path in
      let lines = try LogFile(path).keep { _ in true }
      guard let first = lines.first else { return nil }
      let which = lines.count == 1 ? "line \(first)" : "\(lines.count) lines, the first of them line \(first),"
      return "\(path): \(which) could not be read and \(lines.count == 1 ? "is" : "are") dropped; all others stay"
    }
    let repeated: [String] = try [(metrics, LogFile.Repetition.ofLines), (ledger, .ofSteps)].compactMap { path, kind in
      let count = try LogFile(path).dropRepeated(kind)
      return count == 0
        ? nil : "\(path): \(count == 1 ? "1 line was" : "\(count) lines were") there twice; one of each stays"
    }
    let lost: [String] = try [
      (metrics, "the page and the report cannot show them"), (ledger, "lockstep audit and replay cannot look at them"),
    ].filter { written.contains($0.0) }.compactMap { path, consequence in
      let missing = LoggedSteps(try LogFile(path).steps()).missing(through: step)
      return missing.isEmpty
        ? nil : "\(path): lacks \(LoggedSteps.text(of: missing)) of \(step); \(consequence)"
    }
    return unreadable + repeated + lost
  }
}

/// The steps that a log has lines of.
package struct LoggedSteps {
  private let steps: Set<Int>

  package init(_ steps: [Int]) { self.steps = Set(steps) }

  package func contains(_ step: Int) -> Bool { steps.contains(step) }

  /// Steps from 1 on without a line.
  package func missing(through last: Int) -> [ClosedRange<Int>] {
    let present = steps.filter { 1...max(1, last) ~= $0 }.sorted()
    var missing: [ClosedRange<Int>] = []
    var next = 1
    for step in present {
      if step > next { missing.append(next...step - 1) }
      next = step + 1
    }
    return next <= last ? missing + [next...last] : missing
  }

  /// "step 7", "steps 3 to 9", "steps 3 to 9 and 12 more".
  package static func text(of ranges: [ClosedRange<Int>]) -> String {
    guard let first = ranges.first else { return "no step" }
    let rest = ranges.dropFirst().reduce(0) { $0 + $1.count }
    let steps = first.count == 1 ? "step \(first.lowerBound)" : "steps \(first.lowerBound) to \(first.upperBound)"
    return rest == 0 ? steps : "\(steps) and \(rest) more"
  }

  /// The newest checkpoint from which a run computes again all that the log has lost since the oldest of them; nil where that
  /// is the newest of all, or none.
  ///
  /// - Parameter checkpoints: in their order. A log whose beginning is lost, too, cannot be made whole.
  package func checkpoint(among checkpoints: [Int]) -> Int? {
    guard let oldest = checkpoints.first, let newest = checkpoints.last else { return nil }
    let beyondRepair = missing(through: oldest)
    let found = checkpoints.last { contains($0) && missing(through: $0) == beyondRepair }
    return found == newest ? nil : found
  }
}
