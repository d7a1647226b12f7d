import DataParallel
import Tensors

extension Trainer {
  /// Computes a batch whose gradient was not finite again; the same call on every rank, or on this one alone where ranks take
  /// local steps.
  func originOfNotFinite(_ batch: GlobalBatch) throws -> NotFiniteOrigin {
    var own: [UInt64] = []
    try gradient.evaluate(batch, into: scratch, name: "gradient, again") { losses, arena in
      own.append(losses.values.allSatisfy(\.isFinite) && arena.values.allSatisfy(\.isFinite) ? 1 : 0)
    }
    let isAlone = outer != nil
    let finite =
      isAlone
      ? own : try replicas.gather(own, name: "finite microbatches", step: batch.context.step).flatMap { $0 }
    guard let first = finite.firstIndex(of: 0) else {
      return parts.adversary?.isActive(at: batch.context) ?? false ? .adversary : .nothing
    }
    if finite.count > 1, !finite.contains(1) { return .everywhere }
    let leaf = isAlone ? batch.share.lowerBound + first : first
    let rank = replicas.shares(of: batch.leaves).firstIndex { $0.contains(leaf) } ?? 0
    let rows = batch.plan.rows[batch.plan.microbatches[leaf]].map(parts.dataset.sampleID)
    return .microbatch(rank: rank, host: replicas.hosts[rank], rows: rows)
  }
}
