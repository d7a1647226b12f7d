import Data
import Tensors
import Training

extension Pass {
  /// Minus the logarithm of the probability of each row's tags, over its labelled words; of a row without any 0.
  ///
  /// Words without a tag are left out: the chain goes from the labelled word before them to the one behind.
  /// - Parameter scores: of the words, with those between tags behind them, as `TagTransitions` has them.
  func chainLosses(_ scores: Tensor, _ batch: Microbatch) -> RowLosses {
    chainFigures([scores], batch) { chains, path in
      let (loss, slopes) = chains[0].loss(of: path)
      return (loss, [slopes])
    }
  }

  /// The symmetric Kullback-Leibler divergence of the distributions over all tags of each row, over its labelled words; with
  /// gradient to both.
  func chainDivergence(_ first: Tensor, _ second: Tensor, _ batch: Microbatch) -> RowLosses {
    chainFigures([first, second], batch) { chains, _ in
      let (value, one, two) = TagChain.divergence(chains[0], chains[1])
      return (value, [one, two])
    }
  }

  /// A figure of each row's chain of labelled words, divided by their number, which is its weight.
  private func chainFigures(
    _ scores: [Tensor], _ batch: Microbatch,
    figure: (_ chains: [TagChain], _ path: [Int]) -> (value: Double, slopes: [ChainSlopes])
  ) -> RowLosses {
    let (labels, tags) = (batch.labels, scores[0].shape[1])
    let transitions = scores.map { TagTransitions(behind: labels.count, in: $0) }
    let rows = batch.rows.indices.map { row in batch.answers(of: row).filter { labels[$0] >= 0 } }
    let result = result([rows.count], from: scores)
    var slopes = [[ChainSlopes]](repeating: [], count: rows.count)
    for (row, words) in rows.enumerated() {
      guard !words.isEmpty else {
        result.values[row] = 0
        continue
      }
      let chains = zip(scores, transitions).map { TagChain($0.chainScores(of: words), $1) }
      let (value, own) = figure(chains, words.map { Int(labels[$0]) })
      result.values[row] = Float(value / Double(words.count))
      if result.needsGradient { slopes[row] = own }
    }
    record(result) { upstream in
      for (side, tensor) in scores.enumerated() where tensor.needsGradient {
        let slot = tensor.clearedGradient()
        var sums = [Double](repeating: 0, count: (tags + 2) * tags)
        for (row, words) in rows.enumerated() where !words.isEmpty {
          let (own, share) = (slopes[row][side], Double(upstream[row]) / Double(words.count))
          for index in own.emissions.indices {
            slot[words[index / tags] * tags + index % tags] += Float(share * own.emissions[index])
          }
          for index in sums.indices { sums[index] += share * own.transitions[index] }
        }
        for (index, sum) in sums.enumerated() { slot[labels.count * tags + index] += Float(sum) }
      }
    }
    return RowLosses(result, weights: rows.map { Float($0.count) })
  }
}

extension Tensor {
  /// The scores of some words, in Float64.
  fileprivate func chainScores(of words: some Sequence<Int>) -> [Double] {
    words.flatMap { row($0, of: shape[1]).map(Double.init) }
  }

  /// Of each word of a microbatch the probability of each tag, and behind them the number of its tag in the best path.
  func chainAnswers(_ batch: Microbatch) -> [Double] {
    let tags = shape[1]
    let transitions = TagTransitions(behind: batch.labels.count, in: self)
    return batch.rows.indices.flatMap { row in
      let chain = TagChain(chainScores(of: batch.answers(of: row)), transitions)
      let (probabilities, path) = (chain.marginals, chain.bestPath)
      return path.enumerated().flatMap { word, tag in
        probabilities[word * tags..<(word + 1) * tags] + [Double(tag)]
      }
    }
  }
}
