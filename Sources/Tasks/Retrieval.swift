import Data
import Scores
import Tensors
import Training

/// Retrieval among validation rows: the text of each row ranks the pairs of all rows by their cosines.
///
/// - `recall@K`: the share of rows whose own pair is among the first K; `mrr`: the mean of 1 / its rank.
/// - A pair of equal cosine stands before the own one, so that vectors which are all equal find nothing.
/// - Negatives are no candidates. Ranks are computed in Float64 from the gathered vectors, the same at every number of ranks.
extension Similarity: ComparingTask {
  /// Measures of cosines; of infonce those of retrieval, too, which read the rank of the own pair behind the cosine.
  public var measures: MeasureList {
    let known = ValueMeasures.all()
    let cosines = ["pearson", "spearman", "kendall"].compactMap(known.named).map { measure in
      Measure(name: measure.name, aliases: measure.aliases, isLargerBetter: measure.isLargerBetter) { rows in
        measure.value(rows.first)
      }
    }
    guard isRetrieval else { return MeasureList(cosines) }
    return MeasureList(cosines + RankMeasures.ofGivenRanks.measures, numbered: RankMeasures.ofGivenRanks.numbered)
  }

  public func compares(for measures: [Measure]) -> Bool {
    isRetrieval && measures.contains { RankMeasures.ofGivenRanks.named($0.name) != nil }
  }

  public func comparands(_ scores: Tensor, _ batch: Microbatch) -> Comparands {
    let (texts, pairs) = UnitVectors.pairs(scores, batch)
    return Comparands(queries: texts.values, candidates: pairs.values)
  }

  /// The rank of each row's own pair, from 1.
  public func comparisons(_ queries: [Double], from first: Int, with candidates: [Double], of rows: Int) -> [Double] {
    guard rows > 0 else { return [] }
    let width = candidates.count / rows
    return queries.withUnsafeBufferPointer { queries in
      candidates.withUnsafeBufferPointer { candidates in
        (0..<queries.count / max(1, width)).map { row in
          let text = UnsafeBufferPointer(rebasing: queries[row * width..<(row + 1) * width])
          func cosine(_ pair: Int) -> Double {
            Self.product(text, UnsafeBufferPointer(rebasing: candidates[pair * width..<(pair + 1) * width]))
          }
          let own = cosine(first + row)
          // What is not a number is not below the own one, either.
          return Double((0..<rows).count { $0 == first + row || !(cosine($0) < own) })
        }
      }
    }
  }

  /// The scalar product, in one order of its terms: eight sums side by side, and then the rest.
  private static func product(_ first: UnsafeBufferPointer<Double>, _ second: UnsafeBufferPointer<Double>) -> Double {
    var sums = SIMD8<Double>.zero
    let whole = first.count / 8 * 8
    let (left, right) = (UnsafeRawBufferPointer(first), UnsafeRawBufferPointer(second))
    for index in stride(from: 0, to: whole, by: 8) {
      sums +=
        left.loadUnaligned(fromByteOffset: 8 * index, as: SIMD8<Double>.self)
        * right.loadUnaligned(fromByteOffset: 8 * index, as: SIMD8<Double>.self)
    }
    return (whole..<first.count).reduce(sums.sum()) { $0 + first[$1] * second[$1] }
  }
}

extension ScoredRows {
  /// The rows with the first of their outputs alone.
  fileprivate var first: ScoredRows {
    width == 1
      ? self
      : ScoredRows(
        width: 1, outputs: (0..<rows).map { outputs[$0 * width] }, targetWidth: targetWidth, targets: targets)
  }
}
