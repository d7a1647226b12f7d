#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The measures of language models, of the tokens that are predicted.
///
/// The first output of a token is ln p of the right one, the second the most probable one; those behind do not count here.
///
///     perplexity   exp(-mean ln p(target))
///     accuracy     the share of tokens that are the most probable ones
public enum TokenMeasures {
  public static let all = MeasureList([
    Measure.ofUsableRows("perplexity", isLargerBetter: false) { rows in
      exp(-given(rows).map { rows.outputs[$0 * rows.width] }.mean)
    },
    Measure.ofUsableRows("accuracy", aliases: ["token_accuracy"]) { rows in
      given(rows).map { rows.outputs[$0 * rows.width + 1] == rows.targets[$0] ? 1 : 0 }.mean
    },
  ])

  /// The tokens that have a target.
  private static func given(_ rows: ScoredRows) -> [Int] {
    precondition(
      rows.width >= 2 && rows.targetWidth == 1, "tokens of \(rows.width) outputs, not ln p and the likeliest")
    return (0..<rows.rows).filter { !rows.targets[$0].isNaN }
  }
}
