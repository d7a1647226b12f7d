/// The measures of retrieval: where the right one of several candidates stands by its score.
///
/// The outputs of a row are the scores of its candidates, its target is the number of the right one. A candidate of equal
/// score stands before the right one, so that scores which are all equal find nothing. Rows without a target are left out.
public enum RankMeasures {
  /// `mrr` and `recall@K` for any K.
  public static let all = list { ranks($0) }

  /// The same of rows whose last output is the rank of the right candidate, from 1.
  public static let ofGivenRanks = list { rows in
    (0..<rows.rows).compactMap { rows.outputs(of: $0).last.flatMap { Int(exactly: $0) } }
  }

  private static func list(_ ranks: @escaping @Sendable (ScoredRows) -> [Int]) -> MeasureList {
    func measure(
      _ name: String, _ aliases: [String] = [], value: @escaping @Sendable ([Int]) -> Double
    ) -> Measure {
      .ofUsableRows(name, aliases: aliases) { value(ranks($0)) }
    }
    return MeasureList(
      [measure("mrr", ["mean_reciprocal_rank"]) { $0.lazy.map { 1 / Double($0) }.mean }],
      numbered: [
        MeasureList.Numbered(prefix: "recall@", aliases: ["recall_at_"], numbers: 1..<Int.max) { k in
          .ofUsableRows("recall@\(k)") { ranks($0).lazy.map { $0 <= k ? 1 : 0 }.mean }
        }
      ])
  }

  /// The rank of the right candidate of each row, from 1.
  private static func ranks(_ rows: ScoredRows) -> [Int] {
    precondition(rows.targetWidth == 1, "a row has one right candidate, not \(rows.targetWidth)")
    return (0..<rows.rows).filter { !rows.targets[$0].isNaN }.map { row in
      guard let right = Int(exactly: rows.targets[row]), 0..<rows.width ~= right else {
        preconditionFailure("row \(row): \(rows.targets[row]) is not one of \(rows.width) candidates")
      }
      let scores = rows.outputs(of: row)
      let own = scores[scores.startIndex + right]
      return scores.count { $0 >= own }
    }
  }
}
