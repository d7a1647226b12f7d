import Collectives
import Diagnostics
import Optimizers

/// Sees whether all ranks hold the same weights, moments, statistics and counters, as they must after every step.
///
/// Each rank hashes its own (see `StateHash`), all gather the hashes, and each comes to the same verdict. What it finds is
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
      rank: vote.odd[0], host: trainer.replicas.group.hosts[vote.odd[0]], cause: .diverged,
      detail: "\(vote.description(of: kind + place)); \(since)", operation: "comparison after step \(trainer.step)",
      step: newest.map { $0.step + 1 } ?? trainer.step)
  }
}

/// Which of several ranks are in the wrong: those that hold something else than most.
package struct ReplicaVote: Equatable {
  /// Ranks that differ from the witness, in order.
  package let odd: [Int]
  /// A rank that holds what most hold.
  package let witness: Int
  /// Whether more than half of the ranks hold the same, so that the others are wrong.
  package let isCertain: Bool

  /// - Returns: nil where all hold the same.
  package init?(_ everyone: [[UInt64]]) {
    let votes = everyone.map { own in everyone.count { $0 == own } }
    guard let most = votes.max(), most < everyone.count, let witness = votes.firstIndex(of: most) else { return nil }
    self.witness = witness
    odd = everyone.indices.filter { everyone[$0] != everyone[witness] }
    isCertain = 2 * most > everyone.count
  }

  /// Where the first odd rank's words differ from the witness's.
  func difference(of everyone: [[UInt64]]) -> Int? {
    zip(everyone[odd[0]], everyone[witness]).enumerated().first { $1.0 != $1.1 }?.offset
  }

  /// - Parameter kind: what differs, such as "weights".
  package func description(of kind: String) -> String {
    guard isCertain else {
      return "its \(kind) differ from those of rank \(witness); which of the two is right is unknown"
    }
    let whose = odd.count == 1 ? "its \(kind)" : "the \(kind) of ranks \(odd.map(String.init).joined(separator: ", "))"
    return "\(whose) differ from those of all other ranks"
  }
}
