import Checkpoints
import Recipes
import Support
import Training

/// Computes steps of a run again, from the newest checkpoint before them, and compares each with the ledger bit for bit.
///
/// It writes nothing. With `reduction: ring` the bits belong to the number of ranks, so it takes as many as the run had;
/// with `ordered` any number does.
public final class Replay {
  private let trainer: Trainer
  private let entries: [Int: LedgerEntry]
  private let directory: RunDirectory
  private let keeper: CheckpointKeeper

  /// - Parameter trainer: at its beginning, made from the run's own recipe.
  /// - Throws: `RunDirectoryError` where there is no ledger.
  public init(_ trainer: Trainer, directory: RunDirectory, recipe: Recipe) throws {
    self.trainer = trainer
    self.directory = directory
    keeper = CheckpointKeeper(directory: directory, recipe: recipe)
    let entries = try LedgerEntry.read(directory.ledger).compactMap { $0 }
    self.entries = Dictionary(entries.map { ($0.step, $0) }) { $1 }
  }

  /// The newest step of the ledger.
  public var lastStep: Int { entries.keys.max() ?? 0 }

  /// Computes all steps after the newest checkpoint before `step`, and `step`; all ranks together.
  ///
  /// - Parameter report: called before the first step, and with each step that equals the ledger's.
  /// - Throws: `LedgerError` for the first step that is not in the ledger, or differs from it.
  public func run(through step: Int, _ report: (String) throws -> Void) throws {
    guard entries[step] != nil else { throw LedgerError.noStep(step, path: directory.ledger, last: lastStep) }
    let first = try keeper.restore(trainer, before: step)
    try report("from \(first == 0 ? "the initial weights" : "the checkpoint of step \(first)")")
    while trainer.step < step {
      let before = trainer.step
      var again = try trainer.advance()
      if trainer.step > before { try report(compare(&again)) }
    }
  }

  private func compare(_ report: inout StepReport) throws -> String {
    guard let entry = entries[report.step] else {
      throw LedgerError.noStep(report.step, path: directory.ledger, last: lastStep)
    }
    if entry.state != nil { report.state = try trainer.stateHash }
    let again = LedgerEntry(report)
    let fields: [(String, LedgerEntry.Word?, LedgerEntry.Word?)] = [
      ("samples", entry.samples, again.samples), ("loss_sum", entry.lossSum, again.lossSum),
      ("gradient_norm", entry.gradientNorm, again.gradientNorm), ("weights", entry.weights, again.weights),
      ("state", entry.state, again.state),
    ]
    if let field = fields.first(where: { $0.1 != $0.2 }) {
      throw LedgerError.differs(
        step: entry.step, field: field.0, was: field.1?.description ?? "none", isNow: field.2?.description ?? "none")
    }
    let names = fields.filter { $0.1 != nil }.map(\.0).joined(separator: ", ")
    return "step \(entry.step): the same bits (\(names))"
  }
}

/// A ledger that a run does not agree with.
public enum LedgerError: ClassifiedError, CustomStringConvertible {
  case noStep(Int, path: String, last: Int)
  case differs(step: Int, field: String, was: String, isNow: String)
  case failedAudit(path: String, findings: Int)

  public var exitClass: ExitClass {
    switch self {
    case .noStep: .wrongInput
    case .differs, .failedAudit: .disagreement
    }
  }

  public var description: String {
    switch self {
    case .noStep(let step, let path, let last):
      "\(path): has no step \(step); give one from 1 to \(last)"
    case .differs(let step, let field, let was, let isNow):
      "step \(step): \(field) was \(was) and is now \(isNow); use the program, the processor, the data and"
        + " (with reduction: ring) the number of ranks of the run"
    case .failedAudit(let path, let findings):
      "\(path): \(findings == 1 ? "1 finding" : "\(findings) findings"); do not trust the model, train again"
    }
  }
}
