import Bootstrap
import Collectives
import Diagnostics
import Foundation

/// A training run without training: what ranks do together in each of its phases, with a point for faults in each.
struct SmallJob {
  /// All ranks agreed to stop, and the checkpoint is there.
  struct Stopped: Error {}

  let group: any Group
  let folder: String

  func run(steps: Int) throws {
    for step in 0..<steps {
      group.note(step: step, phase: "compute")
      FaultInjection.reach("compute", rank: group.rank, number: UInt64(step))
      try group.repeatSum(count: 1 << 20, operations: 1, step: step)
      let isStopping = try agree(StopRequest.isRequested, "stop", step)
      if step % 3 == 2 { try evaluate(step) }
      if step % 4 == 3 || isStopping { try save(step) }
      if isStopping {
        try group.leave()
        throw Stopped()
      }
    }
  }

  private func agree(_ flag: Bool, _ name: String, _ step: Int) throws -> Bool {
    try group.allGather([flag ? 1 : 0], name: name, step: step).contains([1])
  }

  private func evaluate(_ step: Int) throws {
    group.note(step: step, phase: "evaluation")
    FaultInjection.reach("evaluation", rank: group.rank, number: UInt64(step))
    _ = try group.allGather([UInt8](repeating: UInt8(group.rank), count: 1000), name: "scores", step: step)
  }

  /// Two phases: everyone writes a part, and rank 0 renames the folder when all have said that theirs is there.
  private func save(_ step: Int) throws {
    group.note(step: step, phase: "checkpoint")
    FaultInjection.reach("prepare", rank: group.rank, number: UInt64(step))
    let part = folder + "/part-\(group.rank).tmp"
    try Data("step \(step)".utf8).write(to: URL(fileURLWithPath: part))
    _ = try agree(false, "prepared", step)
    FaultInjection.reach("prepared", rank: group.rank, number: UInt64(step))
    if group.rank == 0 {
      for rank in 0..<group.size { rename(folder + "/part-\(rank).tmp", folder + "/part-\(rank)") }
    }
    try group.barrier(name: "commit", step: step)
  }
}
