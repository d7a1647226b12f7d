import Data
import Scores
import Tensors

/// A task that some measures judge by comparing each row with all others, such as a search for the right text among all.
///
/// An evaluation gathers what rows are compared with from all ranks, and each rank compares its own rows:
///
///     every microbatch of a rank → queries and candidates of its rows
///     candidates of all rows, gathered in the order of the rows
///     comparisons of the rank's own rows, gathered → one more answer of each row, behind its own
public protocol ComparingTask: LearningTask {
  /// Whether some of these measures read comparisons.
  func compares(for measures: [Measure]) -> Bool

  /// What the rows of a microbatch are compared by.
  func comparands(_ scores: Tensor, _ batch: Microbatch) -> Comparands

  /// A number of each row that asks, of which the first has the number `first` among all candidates.
  func comparisons(_ queries: [Double], from first: Int, with candidates: [Double], of rows: Int) -> [Double]
}

/// What rows ask for, and what is found of them; as many numbers of each for every row.
public struct Comparands: Sendable {
  public var queries: [Double]
  public var candidates: [Double]

  public init(queries: [Double] = [], candidates: [Double] = []) {
    (self.queries, self.candidates) = (queries, candidates)
  }

  package static func += (sum: inout Comparands, more: Comparands) {
    sum.queries += more.queries
    sum.candidates += more.candidates
  }
}

extension [Double] {
  /// Answers of some width with one more number behind those of each row.
  package func interleaved(width: Int, with more: [Double]) -> [Double] {
    precondition(count == more.count * width, "\(count) answers of \(width) a row, and \(more.count) more")
    return more.indices.flatMap { self[$0 * width..<($0 + 1) * width] + [more[$0]] }
  }
}
