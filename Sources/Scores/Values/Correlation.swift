/// The linear correlation of two series, -1 to 1; NaN where one of them is constant or there are fewer than two values.
func pearson(_ first: [Double], _ second: [Double]) -> Double {
  precondition(first.count == second.count, "\(first.count) values cannot be paired with \(second.count)")
  guard first.count >= 2, !first.isConstant, !second.isConstant else { return .nan }
  let (x, y) = (direction(first), direction(second))
  let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  return product.isNaN ? .nan : min(1, max(-1, product))
}

/// The deviations from the mean, scaled to length 1; by the largest first, so that no square overflows.
private func direction(_ values: [Double]) -> [Double] {
  let mean = values.mean
  let deviations = values.map { $0 - mean }
  let largest = deviations.reduce(0) { max($0, abs($1)) }
  let scaled = deviations.map { $0 / largest }
  let length = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return scaled.map { $0 / length }
}

/// The correlation of the ranks of two series; equal values share the mean of their ranks.
func spearman(_ first: [Double], _ second: [Double]) -> Double { pearson(meanRanks(first), meanRanks(second)) }

/// The rank of each value from 1; equal values share the mean of theirs.
func meanRanks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
    start = end
  }
  return ranks
}

/// Kendall's tau-b: concordant minus discordant pairs, over the geometric mean of the pairs that are not tied in one series.
///
/// Knight, A Computer Method for Calculating Kendall's Tau with Ungrouped Data (1966): sorted by the first series, the
/// discordant pairs are the exchanges that a merge sort by the second one makes. NaN where a series is constant.
func kendall(_ first: [Double], _ second: [Double]) -> Double {
  precondition(first.count == second.count, "\(first.count) values cannot be paired with \(second.count)")
  let pairs = zip(first, second).sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
  let all = pairCount(pairs.count)
  let tiedInBoth = tiedPairs(pairs) { $0 == $1 }
  let tiedInFirst = tiedPairs(pairs) { $0.0 == $1.0 }
  var ordered = pairs.map(\.1)
  let exchanges = exchangesOfSorting(&ordered)
  let tiedInSecond = tiedPairs(ordered, ==)
  guard tiedInFirst < all, tiedInSecond < all else { return .nan }
  let difference = Double(all - tiedInFirst - tiedInSecond + tiedInBoth - 2 * exchanges)
  let tau = difference / Double(all - tiedInFirst).squareRoot() / Double(all - tiedInSecond).squareRoot()
  return min(1, max(-1, tau))
}

private func pairCount(_ values: Int) -> Int { values * (values - 1) / 2 }

/// The number of pairs of equal values in a series in which equal values are neighbours.
private func tiedPairs<Value>(_ values: [Value], _ areEqual: (Value, Value) -> Bool) -> Int {
  var (tied, length) = (0, 0)
  for (index, value) in values.enumerated() {
    if index > 0, areEqual(values[index - 1], value) {
      length += 1
    } else {
      length = 1
    }
    // The value is tied with each before it in its run.
    tied += length - 1
  }
  return tied
}

/// Sorts by merging and returns the number of pairs that stood in the wrong order; equal values are in order.
private func exchangesOfSorting(_ values: inout [Double]) -> Int {
  var merged = values
  var exchanges = 0
  var width = 1
  while width < values.count {
    for start in stride(from: 0, to: values.count, by: 2 * width) {
      let (middle, end) = (min(start + width, values.count), min(start + 2 * width, values.count))
      var (left, right) = (start, middle)
      for place in start..<end {
        if right == end || (left < middle && values[left] <= values[right]) {
          merged[place] = values[left]
          left += 1
        } else {
          merged[place] = values[right]
          exchanges += middle - left
          right += 1
        }
      }
    }
    swap(&values, &merged)
    width *= 2
  }
  return exchanges
}
