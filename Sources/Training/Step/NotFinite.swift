import Tensors

/// Where a gradient that is not finite came from, as all ranks find together by computing the step's microbatches again.
///
/// Nothing that is random depends on when it is drawn, so the second time gives the bits of the first, unless a machine erred.
public enum NotFiniteOrigin: Sendable, Equatable {
  /// The first microbatch whose loss or gradient is not finite.
  case microbatch(rank: Int, host: String, rows: [Int])
  /// Every microbatch: the weights themselves have run away.
  case everywhere
  /// All microbatches are finite at the weights; at those that the adversary perturbed they are not.
  case adversary
  /// All is finite the second time: a processor, memory or connection of one of the ranks erred.
  case nothing
}

extension NotFiniteOrigin: CustomStringConvertible {
  private static let rowsShown = 8

  public var description: String {
    switch self {
    case .microbatch(let rank, let host, let rows):
      "it comes from rank \(rank) on \(host), rows \(Self.list(rows)); check these rows, or lower "
        + "optimizer.learning_rate"
    case .everywhere: "it comes from every microbatch; lower optimizer.learning_rate, or set clip"
    case .adversary: "only at the weights that the adversary perturbed; lower its epsilon"
    case .nothing:
      "computed again it is finite on every rank, so a processor, memory or a connection made an error; start again from the "
        + "last checkpoint, and set verify.replicas to 1 to find the rank"
    }
  }

  private static func list(_ rows: [Int]) -> String {
    let shown = rows.prefix(rowsShown).map(String.init).joined(separator: ", ")
    return rows.count > rowsShown ? "\(shown) and \(rows.count - rowsShown) more" : shown
  }
}

extension Trainer {
  /// Computes a batch whose gradient was not finite again; the same call on every rank, or on this one alone where ranks take
  /// steps of their own.
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
    return .microbatch(rank: rank, host: replicas.group.hosts[rank], rows: rows)
  }
}
