import Layers
import Models
import Tensors
import TestSupport
import Testing

/// Positions that count from the id of padding, as RoBERTa's do.
@Suite struct PaddingPositionTests {
  /// `<s> 5 <pad> 7 <pad> <pad> 9 </s>`, whose positions in transformers are 2 3 1 4 1 1 5 6.
  private static let ids: [Int32] = [0, 5, 1, 7, 1, 1, 9, 2]
  private static let positions: [Int32] = [2, 3, 1, 4, 1, 1, 5, 6]

  @Test("Tokens of padding within a text stand at its row and are not counted")
  func padding() throws {
    let family = try #require(EncoderFamilies.family(of: "roberta"))
    let model = TextClassifier(try TinyEncoder.member(of: family, dropout: 0), labels: 3)
    let state = ModelState(model, seed: 5)
    let counted = Self.embedded(model, Self.ids)
    let words = try #require(state.weights["roberta.embeddings.word_embeddings.weight"])
    let places = try #require(state.weights["roberta.embeddings.position_embeddings.weight"])
    let types = try #require(state.weights["roberta.embeddings.token_type_embeddings.weight"])
    let width = model.encoder.width
    for (index, (id, position)) in zip(Self.ids, Self.positions).enumerated() {
      let sum = (0..<width).map { words[Int(id) * width + $0] + places[Int(position) * width + $0] + types[$0] }
      // First norms scale by one and shift by zero.
      let mean = sum.reduce(0, +) / Float(width)
      let variance = sum.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(width)
      let deviation = (variance + Float(1e-5)).squareRoot()
      for column in 0..<width {
        #expect(abs(counted[index * width + column] - (sum[column] - mean) / deviation) < 2e-3, "token \(index)")
      }
    }
  }

  /// What the first layer receives.
  private static func embedded(_ model: TextClassifier, _ ids: [Int32]) -> [Float] {
    let batch = TokenBatch(
      ids: ids, typeIDs: ids.map { _ in 0 }, positions: ids.indices.map { Int32($0) }, offsets: [0, Int32(ids.count)])
    let pass = Pass(
      engine: Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0), rows: [0])
    return Array(model.encoder.hiddenStates(batch, pass)[0].values)
  }
}
