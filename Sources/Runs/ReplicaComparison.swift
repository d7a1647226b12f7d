import Collectives
import DataParallel
import Diagnostics
import Optimizers
import Training

/// Sees whether all ranks hold the same weights, moments, statistics and counters, as they must after every step.
///
/// Each rank hashes its own (see `StateHash`), all gather the hashes, and each reaches the same verdict. What it finds is
/// what no checksum of a message can: a bit that flipped in memory, a rank that runs another program or read another file.
final class ReplicaComparison {
  private let trainer: Trainer
  /// The newest comparison, which found all ranks alike.
  private var newest: (step: Int, state: StateHash)?

  init(_ trainer: Trainer) { self.trainer = trainer }

  /// Compares after the present step, unless that is done or the recipe wants none; all ranks together.
  /// - Returns: what all ranks hold.
  /// - Throws: `GroupError.disagreement`, on all ranks, with a verdict that names the rank and the first possible step.
  @discardableResult
  func compare() throws -> StateHash? {
    guard trainer.settings.compareReplicasEvery > 0 else { return nil }
    if let newest, newest.step == trainer.step { return newest.state }
    let state = try trainer.stateHash
    let everyone = try trainer.replicas.gather(state.kinds.map(\.hash), name: "replicas", step: trainer.step)
    if let vote = ReplicaVote(everyone) { throw GroupError.disagreement(try verdict(vote, of: everyone, state)) }
    newest = (trainer.step, state)
    return state
  }

  private func verdict(_ vote: ReplicaVote, of everyone: [[UInt64]], _ state: StateHash) throws -> Verdict {
    let kind = vote.difference(of: everyone).map { state.kinds[$0].name } ?? "counters"
    let tensors = trainer.tensorHashes(of: kind)
    let hashes = try trainer.replicas.gather(
      tensors.map(\.hash), name: "replicas, tensor by tensor", step: trainer.step)
    let place = vote.difference(of: hashes).map { " (first in \(tensors[$0].name))" } ?? ""
    let since = newest.map { "it happened in step \($0.step + 1) or later" } ?? "they began differently"
    return Verdict(
      rank: vote.odd[0], host: trainer.replicas.hosts[vote.odd[0]], cause: .diverged,
      detail: "\(vote.description(of: kind + place)); \(since)", operation: "comparison after step \(trainer.step)",
      step: newest.map { $0.step + 1 } ?? trainer.step)
  }
}
