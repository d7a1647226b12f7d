import Data
import Schedules

/// The losses of a microbatch: the weighted sum of each loss term over its rows, in Float64 and in the order of the rows, and
/// a hash of the rows themselves.
struct LossSums: Equatable {
  private(set) var names: [String] = []
  private(set) var values: [Double] = []
  private let samples: SampleHash

  /// - Parameter weights: of the rows, for terms without their own.
  init(_ terms: [LossTerm], weights: [Float], samples: [Int]) {
    self.samples = SampleHash(samples)
    for term in terms {
      let sum =
        Double(term.factor)
        * zip(term.losses.values, term.weights ?? weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      if let known = names.firstIndex(of: term.name) {
        values[known] += sum
      } else {
        names.append(term.name)
        values.append(sum)
      }
    }
  }

  /// The halves of the hash, which a Float64 holds exactly, and the sums.
  var encoded: [Double] { [Double(samples.value >> 32), Double(samples.value & 0xFFFF_FFFF)] + values }
}

/// The losses of a global batch: sums of microbatches in the order of the tree, divided once.
struct StepLosses {
  /// The mean of each term: its sum over the weight of the global batch, or 0 where nothing counts.
  let means: [(name: String, value: Double)]
  /// The sum of all terms over the rows, each times its weight.
  let sum: Double
  /// Which rows were computed, as the ranks that computed them report.
  let samples: UInt64

  /// The mean of all terms together.
  var mean: Double { means.reduce(0) { $0 + $1.value } }

  /// - Parameters:
  ///   - numbers: what each microbatch came to, encoded, in the order of the microbatches.
  ///   - weight: that of all rows of the plan.
  init(_ numbers: [Double], of plan: StepPlan, weight: Double, names: [String]) {
    let leaves = plan.microbatches.count
    let stride = numbers.count / leaves
    precondition(
      stride >= 2 && numbers.count == leaves * stride, "\(numbers.count) numbers for \(leaves) microbatches")
    let sums = (0..<stride - 2).map { term in
      SummationTree(leaves: leaves).sum { numbers[$0 * stride + 2 + term] }
    }
    means = sums.enumerated().map { term, sum in
      (term < names.count ? names[term] : "term \(term)", weight > 0 ? sum / weight : 0)
    }
    sum = sums.reduce(0, +)
    var samples = SampleHash()
    for (leaf, rows) in plan.microbatches.enumerated() {
      let halves = (high: numbers[leaf * stride], low: numbers[leaf * stride + 1])
      samples.append(SampleHash(value: UInt64(halves.high) << 32 | UInt64(halves.low)), count: rows.count)
    }
    self.samples = samples.value
  }
}
