import Data
import Foundation
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// The row of padding, where `[PAD]` is written in a text: PyTorch's `padding_idx`, which transformers gives to all tables of
/// words, and to RoBERTa's table of positions.
@Suite struct PaddingRowTests {
  private static let ids: [Int32] = [0, 5, 1, 7, 5, 5, 9, 2]

  @Test(
    "The row of padding has no gradient, every other row has", arguments: EncoderFamilies.all.map { $0.modelTypes[0] })
  func gradient(type: String) throws {
    let family = try #require(EncoderFamilies.family(of: type))
    let member = try TinyEncoder.member(of: family, dropout: 0, others: ["pad_token_id": 5])
    let untrained = try Self.untrainedRows(of: member)
    #expect(untrained.words == [3, 4, 5, 6, 8])
    if member.mostTokens < member.configuration.maximumPositions {
      // `0 5 1 7 5 5 9 2` stand at 6 5 7 8 5 5 9 10.
      #expect(untrained.positions == [0, 1, 2, 3, 4, 5])
    } else if let positions = untrained.positions {
      #expect(positions == [8, 9, 10])
    }
  }

  @Test("Where the configuration has no padding, every row of a token has a gradient")
  func withoutPadding() throws {
    let member = try TinyEncoder.member(of: BERT.self, dropout: 0, others: ["pad_token_id": NSNull()])
    #expect(try Self.untrainedRows(of: member).words == [3, 4, 6, 8])
  }

  /// The first rows without gradient: of ten words, and of eleven positions where they are in a table.
  private static func untrainedRows(of member: any EncoderFamily) throws -> (words: [Int], positions: [Int]?) {
    let model = TextClassifier(member, labels: 3)
    let state = ModelState(model, seed: 5)
    let gradients = Arena(layout: state.layout)
    let tape = Tape()
    let pass = Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0), rows: [0])
    let batch = TokenBatch(
      ids: ids, typeIDs: ids.map { _ in 0 }, positions: ids.indices.map { Int32($0) }, offsets: [0, Int32(ids.count)])
    state.beginGradients(in: gradients)
    let losses = pass.crossEntropy(
      model(Microbatch(input: .tokens(batch), labels: [1], rows: [0], sampleIDs: [0]), pass)[0], labels: [1])
    losses.seedGradient(1)
    tape.backward()
    state.endGradients()
    func untrained(_ name: String, _ count: Int) throws -> [Int]? {
      guard let slice = state.layout[type(of: member).prefix + "." + name] else { return nil }
      let table = try #require(gradients[slice.name])
      let width = slice.shape[1]
      return (0..<count).filter { row in table[row * width..<(row + 1) * width].allSatisfy { $0 == 0 } }
    }
    let key = type(of: member).keys.vocabularySize
    let words = try #require(member.sizes.first { $0.key == key }?.tensor?.name)
    return (try #require(try untrained(words, 10)), try untrained("embeddings.position_embeddings.weight", 11))
  }
}
