import Tensors
import Testing

@Suite struct BenchmarkTests {
  private static let small = EncoderShape(
    layers: 2, hidden: 24, heads: 3, intermediate: 40, vocabulary: 50, rows: 3, length: 7)

  @Test("a step's operations are counted as its products are")
  func operations() {
    // Keys and values 24 → 24 of 21 tokens in both layers; queries and attention's output 24 → 24, one layer 24 → 40 and
    // one 40 → 24 of 21 tokens in the first, and of 3 rows' first tokens in the last.
    let dense = 2 * (2 * 2 * 21 * 24 * 24) + (2 * (2 * 24 * 24) + 2 * (2 * 24 * 40)) * (21 + 3)
    // Q Kᵀ and P V of 9 heads: 7 tokens by 8 on 7 tokens, and one on 7.
    let attention = 9 * 2 * (2 * 7 * 7 * 8) + 9 * 2 * (2 * 1 * 7 * 8)
    #expect(Self.small.operations == Double(3 * (dense + attention)))
  }

  @Test("one large product has a speed")
  func largeProduct() {
    let product = LargeProduct(precision: .fp32)
    #expect(ContinuousClock().measure { product.run() } > .zero)
  }
}
