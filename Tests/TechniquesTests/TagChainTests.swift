import Foundation
import Tasks
import Tensors
import Testing

/// A chain of tags next to a twin that goes through all tags of all words.
@Suite struct TagChainTests {
  /// Emissions of some words, and what stands between tags.
  private struct Chain {
    var emissions: [Double]
    var between: [Double]
    let tags: Int

    init(words: Int, tags: Int, seed: UInt64, scale: Double = 1) {
      let stream = RandomStream(seed: seed, purpose: .initialization)
      let numbers = (0..<(words + tags + 2) * tags).map {
        (Double(stream.integer(below: 4001, index: UInt64($0))) / 1000 - 2) * scale
      }
      (emissions, between, self.tags) = (Array(numbers[..<(words * tags)]), Array(numbers[(words * tags)...]), tags)
    }

    var words: Int { emissions.count / tags }

    var chain: TagChain { TagChain(emissions, TagTransitions(between, tags: tags)) }

    /// All tags of all words, and the score of each.
    var paths: [(path: [Int], score: Double)] {
      let all = (0..<words).reduce([[Int]]([[]])) { paths, _ in paths.flatMap { path in (0..<tags).map { path + [$0] } }
      }
      return all.map { path in
        var score = between[tags * tags + path[0]] + between[(tags + 1) * tags + path[words - 1]]
        for (word, tag) in path.enumerated() {
          score += emissions[word * tags + tag] + (word > 0 ? between[path[word - 1] * tags + tag] : 0)
        }
        return (path, score)
      }
    }

    /// The logarithm of the sum over all paths, and the probability of each.
    var distribution: (logPartition: Double, probabilities: [Double]) {
      let scores = paths.map(\.score)
      let largest = scores.max() ?? 0
      let sum = scores.reduce(0) { $0 + exp($1 - largest) }
      return (largest + log(sum), scores.map { exp($0 - largest) / sum })
    }
  }

  private static let chains = [(1, 3, 1.0), (2, 4, 1), (4, 3, 1), (5, 2, 30), (4, 3, 400)].enumerated().map {
    Chain(words: $1.0, tags: $1.1, seed: UInt64($0 + 3), scale: $1.2)
  }

  @Test("Sum, probabilities, best path and losses are those of all paths one by one")
  func enumeration() {
    for own in Self.chains {
      let (chain, paths) = (own.chain, own.paths)
      let (logPartition, probabilities) = own.distribution
      #expect(abs(chain.logPartition - logPartition) < 1e-12 * max(1, abs(logPartition)))
      var marginals = [Double](repeating: 0, count: own.emissions.count)
      var between = [Double](repeating: 0, count: own.between.count)
      for (entry, probability) in zip(paths, probabilities) {
        for (word, tag) in entry.path.enumerated() {
          marginals[word * own.tags + tag] += probability
          between[word == 0 ? own.tags * own.tags + tag : entry.path[word - 1] * own.tags + tag] += probability
        }
        between[(own.tags + 1) * own.tags + entry.path[own.words - 1]] += probability
      }
      let expected = chain.expectations
      #expect(zip(expected.emissions, marginals).allSatisfy { abs($0 - $1) < 1e-9 })
      #expect(zip(expected.transitions, between).allSatisfy { abs($0 - $1) < 1e-9 })
      let best = paths.max { $0.score < $1.score }
      #expect(chain.bestPath == best?.path)
      for (entry, probability) in zip(paths, probabilities) where probability > 1e-12 {
        #expect(abs(chain.loss(of: entry.path).loss + log(probability)) < 1e-9)
      }
    }
  }

  @Test("A step that is forbidden by a score of -10000 is never taken, and nothing becomes infinite")
  func forbidden() {
    var own = Chain(words: 6, tags: 3, seed: 9)
    own.between[0 * 3 + 2] = -10_000
    own.between[1 * 3 + 2] = -10_000
    own.between[3 * 3 + 2] = -10_000
    // The last word wants what nothing leads to.
    own.emissions[5 * 3 + 2] = 9000
    let chain = own.chain
    let slopes = chain.loss(of: [0, 0, 1, 1, 0, 1]).slopes
    let all = slopes.emissions + slopes.transitions
    #expect(all.allSatisfy { $0.isFinite })
    #expect(!chain.bestPath.contains(2))
    #expect(abs(chain.logPartition - own.distribution.logPartition) < 1e-9)
  }

  @Test("The divergence of two chains is that of their distributions over all paths, and so are its slopes")
  func divergence() {
    let (words, tags) = (4, 3)
    let first = Chain(words: words, tags: tags, seed: 20)
    var second = Chain(words: words, tags: tags, seed: 21)
    second.between = first.between
    func twin(_ first: Chain, _ second: Chain) -> Double {
      let (p, q) = (first.distribution.probabilities, second.distribution.probabilities)
      return zip(p, q).reduce(0) { $0 + ($1.0 - $1.1) * (log($1.0) - log($1.1)) } / 2
    }
    let outcome = TagChain.divergence(first.chain, second.chain)
    #expect(abs(outcome.value - twin(first, second)) < 1e-12)
    func slope(_ change: (inout Chain, inout Chain, Double) -> Void) -> Double {
      func value(_ distance: Double) -> Double {
        var (one, two) = (first, second)
        change(&one, &two, distance)
        return twin(one, two)
      }
      return (value(1e-5) - value(-1e-5)) / 2e-5
    }
    for index in first.emissions.indices {
      #expect(abs(outcome.first.emissions[index] - slope { one, _, move in one.emissions[index] += move }) < 1e-8)
      #expect(abs(outcome.second.emissions[index] - slope { _, two, move in two.emissions[index] += move }) < 1e-8)
    }
    for index in first.between.indices {
      let own = outcome.first.transitions[index] + outcome.second.transitions[index]
      let wanted = slope { one, two, move in
        one.between[index] += move
        two.between[index] += move
      }
      #expect(abs(own - wanted) < 1e-8)
    }
  }
}
