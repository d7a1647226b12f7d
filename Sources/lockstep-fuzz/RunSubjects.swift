import Data
import Layers
import Models
import Optimizers
import Runs
import Techniques
import Tensors

/// What a run reads of an earlier one: its saved state, and its logs.
extension Subjects {
  static func runs(_ inputs: Inputs, _ files: Scratch) -> [Subject] {
    [
      Subject(name: "state", share: 60_000, seeds: [inputs.state], costPerByte: 4096, structure: .json) { bytes in
        let saved = try SavedState(decoding: bytes, source: "checkpoint")
        if let problem = saved.problem(step: 30) { throw Refused(problem) }
        // What a trainer does with them.
        let state = ModelState(OneWeight(), seed: 1)
        EMA(of: state).checkpointValues = saved.values(of: "ema")
        SWA(of: state, start: 1).checkpointValues = saved.values(of: "swa")
        LastStudents(of: state, count: 2).checkpointValues = saved.values(of: "teacher")
        let optimizer = AdamW(layout: state.layout)
        try optimizer.restore(counters: saved.values(of: "optimizer").compactMapValues { Int(exactly: $0) })
      },
      Subject(name: "ledger", share: 60_000, seeds: [inputs.ledger], costPerByte: 4096, structure: .lines) { bytes in
        let path = files.write(bytes, "ledger.jsonl")
        let entries = try LedgerEntry.read(path)
        _ = LedgerAudit(entries, plan: try SmallRows.plan(), dataset: SmallRows(), saved: 4).findings
        let steps = LoggedSteps(try LogFile(path).steps())
        _ = (LoggedSteps.text(of: steps.missing(through: 4)), steps.checkpoint(among: [2, 4]))
      },
    ]
  }
}

/// The smallest model there is.
private final class OneWeight: Module { let weight = Parameter([1], kind: .weight, initializer: .zeros) }

/// Four rows, in batches of two.
private struct SmallRows: Dataset {
  var rowCount: Int { 4 }
  func length(_ row: Int) -> Int { 1 }
  func targets(_ row: Int) -> [Float] { [0] }
  func sampleID(_ row: Int) -> Int { row }
  func rowID(_ row: Int) -> String { String(row) }
  func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch { preconditionFailure("nothing is computed here") }

  static func plan() throws -> BatchPlan {
    try BatchPlan(rowCount: 4, lengths: nil, batchSize: 2, microbatchSize: 1, buckets: 0, seed: 1, shuffle: true)
  }
}
