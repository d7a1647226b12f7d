import Tensors

/// A data set cut in rows to train on and rows to validate on.
///
/// Which row belongs to which is a pure function of (seed, classes, groups, fraction), so every rank cuts the same. Each class
/// gives its share of the validation rows, rounded up or down (largest remainder), but never its last row. Rows of a group stay
/// on one side, and classes are then shared out as far as groups allow.
public struct Split: Sendable, Equatable {
  /// In their order.
  public let train: [Int]
  public let validation: [Int]

  /// Nil where the rows, or their groups, are fewer than two.
  ///
  /// - Parameters:
  ///   - classes: of every row; all the same where rows have none. Only which of them are equal counts.
  ///   - groups: of every row, if any.
  ///   - fraction: of the rows that are to validate on, above 0 and below 1.
  public init?(classes: [Int32], groups: [Int]? = nil, fraction: Double, seed: UInt64) {
    precondition(fraction > 0 && fraction < 1, "a split of \(fraction)")
    let order = RandomStream(seed: seed, purpose: .split).permutation(of: classes.count)
    let strata = Strata(classes)
    let isValidation: [Bool]
    if let groups {
      guard let deal = GroupDeal(strata, groups: groups, shares: [1 - fraction, fraction], order: order) else {
        return nil
      }
      isValidation = deal.parts.map { $0 == 1 }
    } else {
      guard classes.count > 1 else { return nil }
      isValidation = Self.chosen(strata, fraction, order)
    }
    train = isValidation.indices.filter { !isValidation[$0] }
    validation = isValidation.indices.filter { isValidation[$0] }
  }

  private static func chosen(_ strata: Strata, _ fraction: Double, _ order: [Int]) -> [Bool] {
    var left = quotas(strata.counts, fraction)
    var chosen = [Bool](repeating: false, count: order.count)
    for row in order where left[strata.numbers[row]] > 0 {
      left[strata.numbers[row]] -= 1
      chosen[row] = true
    }
    return chosen
  }

  /// The validation rows of each class.
  private static func quotas(_ counts: [Int], _ fraction: Double) -> [Int] {
    let rows = counts.reduce(0, +)
    let total = max(1, min(rows - 1, Int((fraction * Double(rows)).rounded())))
    let exact = counts.map { fraction * Double($0) }
    var quotas = zip(exact, counts).map { min(Int($0), $1 - 1) }
    // Swift's sort is stable: of equal remainders the class that appears first has the row.
    let byRemainder = counts.indices.sorted { exact[$0] - Double(quotas[$0]) > exact[$1] - Double(quotas[$1]) }
    for stratum in byRemainder where quotas.reduce(0, +) < total && quotas[stratum] < counts[stratum] - 1 {
      quotas[stratum] += 1
    }
    // Classes of one row each: one of them gives its row, because there must be one.
    if !quotas.contains(where: { $0 > 0 }) { quotas[byRemainder[0]] = 1 }
    return quotas
  }
}
