import Support
import Tensors

/// The scores of a chain of tags that no word changes.
///
/// Behind the scores of words they stand as rows of the same matrix:
///
///     [words, tags]   the words
///     [tags, tags]    from the tag of the row to the tag of the column
///     [1, tags]       of the first word
///     [1, tags]       of the last word
package struct TagTransitions: Sendable {
  package let tags: Int
  /// [(tags + 2) × tags]
  let values: [Double]
  /// The largest score from one tag to another.
  let largest: Double
  /// exp(value - largest) of those.
  let exponentials: [Double]

  package init(_ values: [Double], tags: Int) {
    precondition(values.count == (tags + 2) * tags, "\(values.count) scores between \(tags) tags")
    let largest = values[..<(tags * tags)].max() ?? 0
    (self.tags, self.values, self.largest) = (tags, values, largest)
    exponentials = values[..<(tags * tags)].map { PortableFunctions.exp($0 - largest) }
  }

  /// Those behind the scores of so many words.
  init(behind words: Int, in scores: Tensor) {
    let tags = scores.shape[1]
    precondition(scores.shape[0] == words + tags + 2, "scores \(scores.shape) of \(words) words and their transitions")
    self.init(scores.values[(words * tags)...].map(Double.init), tags: tags)
  }

  var start: [Double] { Array(values[tags * tags..<(tags + 1) * tags]) }

  var end: [Double] { Array(values[((tags + 1) * tags)...]) }

  /// ln Σ exp(value + transition): of each tag over all before it, or of each tag over all behind it.
  func sums(_ logarithms: [Double], isForward: Bool) -> [Double] {
    let most = logarithms.max() ?? 0
    let weights = logarithms.map { PortableFunctions.exp($0 - most) }
    return (0..<tags).map { tag in
      var sum = 0.0
      for other in 0..<tags {
        sum += weights[other] * exponentials[isForward ? other * tags + tag : tag * tags + other]
      }
      guard sum < 1e-250 else { return most + largest + PortableFunctions.log(sum) }
      // Nothing large goes here, and what is small was lost.
      return Softmax((0..<tags).map { logarithms[$0] + values[isForward ? $0 * tags + tag : tag * tags + $0] }).logSum
    }
  }
}

/// A number for each score of a chain: the slopes of a figure.
package struct ChainSlopes: Sendable {
  /// [words × tags]
  package var emissions: [Double]
  /// [(tags + 2) × tags], as `TagTransitions` has them.
  package var transitions: [Double]

  /// Those of words, of which the first and the last are also those of the ends; none between tags.
  init(ends emissions: [Double], tags: Int) {
    self.emissions = emissions
    transitions = [Double](repeating: 0, count: tags * tags) + emissions.prefix(tags) + emissions.suffix(tags)
    if emissions.isEmpty { transitions = [Double](repeating: 0, count: (tags + 2) * tags) }
  }
}
