import Support

/// A linear-chain conditional random field over the tags of a text's words, in Float64.
///
///     score(y) = start[y₁] + Σ emissions[t, yₜ] + Σ transitions[yₜ₋₁, yₜ] + end[yₙ]
///     ln p(y)  = score(y) - ln Σ exp(score)                       over all tags of all words
///
/// - Paper: Lafferty, McCallum, Pereira, Conditional random fields (2001). The sums are those of the forward-backward
///   algorithm, taken of logarithms, so that no score is too large or too small.
/// - Cost: words × tags² products, and words × tags exponentials.
package struct TagChain: Sendable {
  package let words: Int
  private let transitions: TagTransitions
  /// [words × tags]
  private let emissions: [Double]
  /// The logarithm of the sum over all tags before each word, with its own emission, [words × tags].
  private let forward: [Double]
  /// The logarithm of the sum over all tags behind each word, [words × tags].
  private let backward: [Double]
  /// ln Σ exp(score) over all tags of all words.
  package let logPartition: Double

  private var tags: Int { transitions.tags }

  package init(_ emissions: [Double], _ transitions: TagTransitions) {
    let tags = transitions.tags
    let words = emissions.count / tags
    precondition(emissions.count == words * tags, "\(emissions.count) scores of words with \(tags) tags")
    var forward = [Double](repeating: 0, count: emissions.count)
    var backward = forward
    for word in 0..<words {
      let own = word * tags
      let reached = word == 0 ? transitions.start : transitions.sums(Array(forward[own - tags..<own]), isForward: true)
      for tag in 0..<tags { forward[own + tag] = reached[tag] + emissions[own + tag] }
    }
    for word in (0..<words).reversed() {
      let next = (word + 1) * tags
      let left =
        word == words - 1
        ? transitions.end
        : transitions.sums((next..<next + tags).map { emissions[$0] + backward[$0] }, isForward: false)
      for tag in 0..<tags { backward[word * tags + tag] = left[tag] }
    }
    (self.words, self.emissions, self.transitions) = (words, emissions, transitions)
    (self.forward, self.backward) = (forward, backward)
    let last = max(0, emissions.count - tags)
    logPartition = words == 0 ? 0 : Softmax((last..<emissions.count).map { forward[$0] + backward[$0] }).logSum
  }

  /// The probability of each tag of each word, [words × tags].
  package var marginals: [Double] {
    forward.indices.map { PortableFunctions.exp(forward[$0] + backward[$0] - logPartition) }
  }

  /// How often each tag and each step between tags is expected: the slopes of the logarithm of the sum.
  package var expectations: ChainSlopes {
    var slopes = ChainSlopes(ends: marginals, tags: tags)
    for word in stride(from: 1, to: words, by: 1) { addPairs(at: word, to: &slopes.transitions) }
    return slopes
  }

  /// Adds the probability of each pair of tags of a word and the word before.
  private func addPairs(at word: Int, to sums: inout [Double]) {
    let (own, before) = (word * tags, (word - 1) * tags)
    let left = forward[before..<own]
    let right = (own..<own + tags).map { emissions[$0] + backward[$0] }
    let (leftLargest, rightLargest) = (left.max() ?? 0, right.max() ?? 0)
    let scale = leftLargest + rightLargest + transitions.largest - logPartition
    guard scale < 500 else {
      // The largest factors belong to no pair that is likely: every product by itself.
      for index in 0..<tags * tags {
        let (from, to) = (index / tags, index % tags)
        sums[index] += PortableFunctions.exp(
          forward[before + from] + transitions.values[index] + right[to] - logPartition)
      }
      return
    }
    let factor = PortableFunctions.exp(scale)
    let (rights, lefts) = (
      right.map { PortableFunctions.exp($0 - rightLargest) },
      left.map { PortableFunctions.exp($0 - leftLargest) * factor }
    )
    for from in 0..<tags {
      for to in 0..<tags {
        sums[from * tags + to] += lefts[from] * transitions.exponentials[from * tags + to] * rights[to]
      }
    }
  }

  /// -ln p of the tags of all words, and its slopes.
  package func loss(of path: [Int]) -> (loss: Double, slopes: ChainSlopes) {
    precondition(path.count == words, "\(path.count) tags of \(words) words")
    var (score, slopes) = (0.0, expectations)
    for (word, tag) in path.enumerated() {
      let step = word == 0 ? tags * tags + tag : path[word - 1] * tags + tag
      score += emissions[word * tags + tag] + transitions.values[step]
      slopes.emissions[word * tags + tag] -= 1
      slopes.transitions[step] -= 1
    }
    if let last = path.last {
      let step = (tags + 1) * tags + last
      score += transitions.values[step]
      slopes.transitions[step] -= 1
    }
    return (logPartition - score, slopes)
  }

  /// The tags of the largest score (Viterbi 1967); of equal ones the first.
  package var bestPath: [Int] {
    guard words > 0 else { return [] }
    var scores = (0..<tags).map { transitions.start[$0] + emissions[$0] }
    var origins: [[Int]] = []
    for word in stride(from: 1, to: words, by: 1) {
      let before = scores
      let own = (0..<tags).map { tag in
        Self.best(tags) { before[$0] + transitions.values[$0 * tags + tag] }
      }
      for tag in 0..<tags {
        scores[tag] = before[own[tag]] + transitions.values[own[tag] * tags + tag] + emissions[word * tags + tag]
      }
      origins.append(own)
    }
    var path = [Self.best(tags) { scores[$0] + transitions.end[$0] }]
    for own in origins.reversed() { path.append(own[path[path.count - 1]]) }
    return path.reversed()
  }

  private static func best(_ count: Int, _ score: (Int) -> Double) -> Int {
    var (best, largest) = (0, score(0))
    for index in stride(from: 1, to: count, by: 1) {
      let own = score(index)
      if own > largest { (best, largest) = (index, own) }
    }
    return best
  }
}

// MARK: - How far two chains disagree

extension TagChain {
  /// ½ (KL(p‖q) + KL(q‖p)) of two distributions over all tags of all words, with the same transitions, and the slopes by the
  /// scores of each. What transitions give cancels:
  ///
  ///     ½ Σ (p[t, y] - q[t, y]) (first[t, y] - second[t, y])        p and q: the probability of each tag of each word
  package static func divergence(
    _ first: TagChain, _ second: TagChain
  ) -> (value: Double, first: ChainSlopes, second: ChainSlopes) {
    let direction = zip(first.emissions, second.emissions).map { $0 - $1 }
    let difference = zip(first.marginals, second.marginals).map { $0 - $1 }
    func slopes(_ chain: TagChain, sign: Double) -> ChainSlopes {
      var slopes = chain.derivative(along: direction)
      for index in difference.indices {
        slopes.emissions[index] = sign * (slopes.emissions[index] + difference[index]) / 2
      }
      for index in slopes.transitions.indices { slopes.transitions[index] *= sign / 2 }
      return slopes
    }
    let value = zip(difference, direction).reduce(0) { $0 + $1.0 * $1.1 } / 2
    return (value, slopes(first, sign: 1), slopes(second, sign: -1))
  }

  /// How the expectations move where the emissions move along a direction: the Hessian of the logarithm of the sum, times it.
  private func derivative(along direction: [Double]) -> ChainSlopes {
    let (forwards, backwards) = moves(along: direction)
    let probabilities = marginals
    let last = max(0, words - 1) * tags
    let total = (last..<forwards.count).reduce(0.0) { $0 + probabilities[$1] * forwards[$1] }
    var slopes = ChainSlopes(
      ends: probabilities.indices.map { probabilities[$0] * (forwards[$0] + backwards[$0] - total) }, tags: tags)
    for word in stride(from: 1, to: words, by: 1) {
      let (own, before) = (word * tags, (word - 1) * tags)
      for index in 0..<tags * tags {
        let (from, to) = (before + index / tags, own + index % tags)
        let pair = PortableFunctions.exp(
          forward[from] + transitions.values[index] + emissions[to] + backward[to] - logPartition)
        slopes.transitions[index] += pair * (forwards[from] + direction[to] + backwards[to] - total)
      }
    }
    return slopes
  }

  /// The derivatives of `forward` and `backward`.
  private func moves(along direction: [Double]) -> (forwards: [Double], backwards: [Double]) {
    var forwards = direction
    var backwards = [Double](repeating: 0, count: direction.count)
    for word in stride(from: 1, to: words, by: 1) {
      for index in 0..<tags * tags {
        let (from, to) = ((word - 1) * tags + index / tags, word * tags + index % tags)
        let share = PortableFunctions.exp(forward[from] + transitions.values[index] + emissions[to] - forward[to])
        forwards[to] += share * forwards[from]
      }
    }
    for word in stride(from: words - 1, to: 0, by: -1) {
      for index in 0..<tags * tags {
        let (from, to) = ((word - 1) * tags + index / tags, word * tags + index % tags)
        let share = PortableFunctions.exp(transitions.values[index] + emissions[to] + backward[to] - backward[from])
        backwards[from] += share * (direction[to] + backwards[to])
      }
    }
    return (forwards, backwards)
  }
}
