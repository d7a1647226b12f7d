/// The extents of a BERT encoder's training step, for benchmarks: what is multiplied, and how often.
package struct EncoderShape: Sendable {
  package var layers: Int
  package var hidden: Int
  package var heads: Int
  package var intermediate: Int
  package var vocabulary: Int
  /// Rows of the batch, each of `length` tokens.
  package var rows: Int
  package var length: Int

  package init(
    layers: Int, hidden: Int, heads: Int, intermediate: Int, vocabulary: Int, rows: Int, length: Int
  ) {
    self.layers = layers
    self.hidden = hidden
    self.heads = heads
    self.intermediate = intermediate
    self.vocabulary = vocabulary
    self.rows = rows
    self.length = length
  }

  /// all-MiniLM-L6-v2 on 32 rows of 64 tokens.
  package static let miniLM = EncoderShape(
    layers: 6, hidden: 384, heads: 12, intermediate: 1536, vocabulary: 30522, rows: 32, length: 64)

  /// BERT-base on 8 rows of 128 tokens.
  package static let bertBase = EncoderShape(
    layers: 12, hidden: 768, heads: 12, intermediate: 3072, vocabulary: 30522, rows: 8, length: 128)

  package var tokens: Int { rows * length }
  package var depth: Int { hidden / heads }

  /// By layer, the tokens of each row whose output is read: of the last layer only the first. Keys and values are made for
  /// all tokens, the rest for these.
  var queries: [Int] { (1...layers).map { $0 == layers ? 1 : length } }

  /// Floating-point operations of all matrix products of a step: forward, and two products backward for each.
  package var operations: Double {
    let sum = queries.reduce(0) { sum, queries in
      let asking = rows * queries
      let dense = 2 * hidden * hidden * (tokens + asking) + 2 * hidden * intermediate * asking
      return sum + dense + 2 * asking * heads * length * depth
    }
    return 6 * Double(sum)
  }
}
