import Checkpoints
import Data
import Training

/// Proves from a run's ledger and the plan of its recipe that no step is missing or doubled, and that every sample of every
/// epoch was used exactly once.
///
/// The ledger's hashes come from the ranks that computed the rows; the plan is made anew from recipe and data. The proof
/// is as strong as the hash (64 bits), and distinguishes rows only if ids are not repeated.
public struct LedgerAudit {
  /// What is wrong, a line each; empty where all is as it should be.
  public private(set) var findings: [String] = []
  /// What was proved, a line each.
  public private(set) var proofs: [String] = []

  private let plan: BatchPlan
  private let dataset: any Dataset
  /// Rows that an epoch has used so far, by epoch.
  private var used: [Int: [Bool]] = [:]
  private var steps = 0

  /// - Parameters:
  ///   - entries: the lines of the ledger; nil for one that could not be read.
  ///   - saved: the step of the newest checkpoint, which the ledger must reach.
  package init(_ entries: [LedgerEntry?], plan: BatchPlan, dataset: any Dataset, saved: Int = 0) {
    self.plan = plan
    self.dataset = dataset
    for (index, entry) in entries.enumerated() {
      guard let entry else {
        findings.append("line \(index + 1) cannot be read; \(Self.remedy)")
        continue
      }
      if follows(entry, line: index + 1) { judge(entry) }
    }
    if saved > steps {
      findings.append("the ledger ends with step \(steps), and a checkpoint is of step \(saved); \(Self.remedy)")
    }
    conclude()
  }

  /// Audits the folder of a run.
  /// - Parameter inputs: what the recipe's paths hold now, to be what the run began with; nil where nobody looks.
  /// - Throws: `RunDirectoryError` where there is no ledger.
  public init(_ directory: RunDirectory, plan: BatchPlan, dataset: any Dataset, inputs: RunInputs? = nil) throws {
    let saved = try CheckpointStore(directory: directory.checkpoints).validCheckpoints().checkpoints.map(\.step).max()
    var entries = try LedgerEntry.read(directory.ledger)
    let isCut = try entries.last == .some(nil) && LedgerEntry.isCutOff(directory.ledger)
    if isCut { entries.removeLast() }
    self.init(entries, plan: plan, dataset: dataset, saved: saved ?? 0)
    if isCut {
      proofs.append("line \(entries.count + 1) was being written when the run ended: it is not counted")
    }
    if let inputs { try compare(inputs.digests(), with: InputDigests.recorded(in: directory)) }
  }

  /// What to do about a ledger that has lost lines at its end.
  private static let remedy = "lockstep train --resume auto computes again what it can"

  private mutating func compare(_ present: [String: String], with recorded: [String: String]?) {
    guard let recorded else {
      return proofs.append("the run does not say with which rows and which model it began: they are not compared")
    }
    let changed = InputDigests.changed(from: recorded, to: present)
    findings += changed.map { "\($0) changed since the run began; put back what it began with and audit again" }
    if changed.isEmpty { proofs.append("rows, vocabulary and start model are those that the run began with") }
  }

  private mutating func follows(_ entry: LedgerEntry, line: Int) -> Bool {
    guard entry.step > steps else {
      findings.append("line \(line): step \(entry.step) comes twice or out of order, after step \(steps)")
      return false
    }
    if entry.step > steps + 1 {
      let gap = entry.step == steps + 2 ? "step \(steps + 1) is" : "steps \(steps + 1) to \(entry.step - 1) are"
      findings.append("line \(line): \(gap) missing")
    }
    steps = entry.step
    return true
  }

  private mutating func judge(_ entry: LedgerEntry) {
    let planned = plan.step(entry.step - 1)
    let place = "step \(entry.step)"
    guard entry.epoch == planned.epoch else {
      findings.append("\(place) is of epoch \(entry.epoch + 1), and of \(planned.epoch + 1) by the plan")
      return
    }
    guard entry.rows == planned.rows.count else {
      findings.append("\(place) has \(entry.rows) rows, and \(planned.rows.count) by the plan")
      return
    }
    guard entry.samples.value == SampleHash(planned.rows.map(dataset.sampleID)).value else {
      findings.append("\(place) computed other samples than those of the plan, or in another order")
      return
    }
    var rows = used[planned.epoch] ?? [Bool](repeating: false, count: plan.rowCount)
    for row in planned.rows {
      if rows[row] {
        findings.append(
          "\(place) uses sample \(dataset.sampleID(row)) for the second time in epoch \(planned.epoch + 1)")
      }
      rows[row] = true
    }
    used[planned.epoch] = rows
  }

  private mutating func conclude() {
    proofs.append("\(steps) steps in order, each with the samples of the plan")
    for (epoch, rows) in used.sorted(by: { $0.key < $1.key }) {
      let count = rows.count { $0 }
      let isOver = steps >= (epoch + 1) * plan.stepsPerEpoch
      if isOver, count < plan.rowCount {
        findings.append(
          "epoch \(epoch + 1) is over and \(plan.rowCount - count) of \(plan.rowCount) samples were not used")
      } else {
        let rest = isOver ? "" : " so far"
        proofs.append("epoch \(epoch + 1): \(count) of \(plan.rowCount) samples, each used exactly once\(rest)")
      }
    }
    let ids = Set((0..<plan.rowCount).map(dataset.sampleID)).count
    if ids < plan.rowCount {
      proofs.append("\(plan.rowCount) rows have \(ids) ids: rows of one id are not distinguished")
    }
  }
}
