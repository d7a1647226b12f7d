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
