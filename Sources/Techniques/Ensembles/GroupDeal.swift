/// Groups of rows dealt out to parts, each group whole.
///
/// Every part wants its share of each class. Groups are dealt from the largest to the smallest, each to the part where it adds
/// least to the sum over parts and classes of (rows of the class in the part)² / (share · rows of the class), which is least where
/// every part has its share. Every part has at least one group. The idea is that of scikit-learn's `StratifiedGroupKFold`.
struct GroupDeal {
  /// The part of each row.
  let parts: [Int]

  private struct Group {
    var number: Int
    var size = 0
    /// Rows by class; most groups have few classes.
    var classes: [Int: Int] = [:]
  }

  /// Nil where there are fewer groups than parts.
  ///
  /// - Parameters:
  ///   - groups: of each row; only which of them are equal counts.
  ///   - shares: of each part; their sum is 1.
  ///   - order: of the rows, in which groups of one size are dealt.
  init?(_ strata: Strata, groups: [Int], shares: [Double], order: [Int]) {
    let dealt = Self.groups(strata, groups, order)
    guard dealt.count >= shares.count else { return nil }
    var counts = shares.map { _ in [Int](repeating: 0, count: strata.counts.count) }
    var isEmpty = shares.map { _ in true }
    var places: [Int: Int] = [:]
    for (turn, group) in dealt.enumerated() {
      let mustFill = dealt.count - turn == isEmpty.count(where: \.self)
      let open = shares.indices.filter { !mustFill || isEmpty[$0] }
      let costs = open.map { Self.cost(of: group, in: counts[$0], share: shares[$0], strata) }
      let part = zip(open, costs).min { $0.1 < $1.1 }?.0 ?? 0
      for (stratum, rows) in group.classes { counts[part][stratum] += rows }
      isEmpty[part] = false
      places[group.number] = part
    }
    parts = groups.map { places[$0] ?? 0 }
  }

  /// From the largest to the smallest; of one size in the order of their first rows.
  private static func groups(_ strata: Strata, _ groups: [Int], _ order: [Int]) -> [Group] {
    var known: [Int: Int] = [:]
    var found: [Group] = []
    for row in order {
      let place = known[groups[row]] ?? found.count
      if place == found.count {
        known[groups[row]] = place
        found.append(Group(number: groups[row]))
      }
      found[place].size += 1
      found[place].classes[strata.numbers[row], default: 0] += 1
    }
    // Swift's sort is stable.
    return found.sorted { $0.size > $1.size }
  }

  private static func cost(of group: Group, in counts: [Int], share: Double, _ strata: Strata) -> Double {
    group.classes.sorted { $0.key < $1.key }.reduce(0) { sum, entry in
      let (stratum, rows) = (entry.key, Double(entry.value))
      return sum + rows * (2 * Double(counts[stratum]) + rows) / (share * Double(strata.counts[stratum]))
    }
  }
}
