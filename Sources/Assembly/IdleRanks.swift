import Diagnostics
import Recipes
import Schedules

/// Ranks that a batch of few microbatches has no work for.
public struct IdleRanks: Equatable, CustomStringConvertible {
  public let ranks: [Int]
  public let groupSize: Int
  /// The largest microbatch that gives every rank work; nil where the batch has fewer rows than there are ranks.
  public let remedy: Int?
  private let size: Int
  private let microbatch: Int

  /// Nil where every rank has work.
  /// - Parameter weights: the relative speeds of the ranks; a rank of weight 0 is meant to have none.
  public init?(_ batch: BatchRecipe, groupSize: Int, weights: [Int]? = nil) {
    (size, microbatch, self.groupSize) = (batch.size, batch.microbatch, groupSize)
    func idle(_ microbatch: Int) -> [Int] {
      let shares = SummationTree.shares(leaves: batch.size / microbatch, ranks: groupSize, weights: weights)
      return shares.indices.filter { shares[$0].isEmpty && weights?[$0] != 0 }
    }
    ranks = idle(batch.microbatch)
    if ranks.isEmpty { return nil }
    remedy = (1..<batch.microbatch).last { batch.size % $0 == 0 && idle($0).isEmpty }
  }

  public var description: String {
    let count = size / microbatch
    let found =
      "\(Self.words(ranks)) of \(groupSize) \(ranks.count == 1 ? "has" : "have") nothing to do: batch.size \(size) is"
      + " \(count == 1 ? "1 microbatch" : "\(count) microbatches") of \(microbatch) rows"
    return found
      + (remedy.map { "; feed all with --set batch.microbatch=\($0)" }
        ?? "; raise batch.size, or start \(ranks.count == 1 ? "1 rank" : "\(ranks.count) ranks") less")
  }

  /// "rank 3", "ranks 2 and 3", "ranks 4 to 7", "ranks 1 to 31 and 33 to 63".
  private static func words(_ ranks: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for rank in ranks {
      if let last = runs.last, last.upperBound == rank - 1 {
        runs[runs.count - 1] = last.lowerBound...rank
      } else {
        runs.append(rank...rank)
      }
    }
    guard runs.contains(where: { $0.count > 2 }) else { return RankList.words(ranks) }
    let names = runs.flatMap { $0.count > 2 ? ["\($0.lowerBound) to \($0.upperBound)"] : $0.map(String.init) }
    let head = names.dropLast().joined(separator: ", ")
    return "ranks " + (head.isEmpty ? "" : head + " and ") + names[names.count - 1]
  }
}
