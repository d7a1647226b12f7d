import Tensors
import Testing

@Suite struct AttentionTests {
  @Test(
    "disentangled attention has the same bits whether probabilities are saved or recomputed",
    arguments: OperationCases.Terms.allCases)
  func savedProbabilities(terms: OperationCases.Terms) {
    func outcome(limit: Int) -> OperationCase.Outcome {
      let item = OperationCases.disentangledCase(
        lengths: [9, 0, 33, 20], heads: 2, depth: 5, RelativePositions(maximum: 30, buckets: 8), terms,
        mask: OperationCases.mask, savesUpTo: limit)
      return item.outcome(upstream: OperationCase.values(count: 62 * 10, site: 1000))
    }
    let saved = outcome(limit: 256)
    #expect(saved.gradients.allSatisfy { !$0.isEmpty })
    for limit in [0, 9, 20] { #expect(outcome(limit: limit) == saved) }
  }

  @Test("a window as wide as the longest row changes nothing")
  func wideWindows() {
    let upstream = OperationCase.values(count: 40 * 6, site: 1000)
    let lengths: [Int32] = [9, 0, 31]
    let plain = OperationCases.attentionCase(lengths: lengths, heads: 2, depth: 3, mask: OperationCases.mask)
    let expected = plain.outcome(upstream: upstream)
    for window in [30, 31, 1000] {
      let item = OperationCases.attentionCase(
        lengths: lengths, heads: 2, depth: 3, window: window, mask: OperationCases.mask)
      let actual = item.outcome(upstream: upstream)
      #expect(agree(actual.result, expected.result.map(Double.init), within: 1e-6))
      for (one, other) in zip(actual.gradients, expected.gradients) {
        #expect(agree(one, other.map(Double.init), within: 1e-6))
      }
    }
  }
}
