import Data
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// The heads of language models, whose decoder is the table of word embeddings.
@Suite struct VocabularyHeadTests {
  struct Member: Sendable, CustomStringConvertible {
    let family: any EncoderFamily.Type
    var layers: [String]?
    var description: String { "\(family)" + (layers == nil ? "" : ", all layers full") }

    var value: any EncoderFamily {
      get throws { try TinyEncoder.member(of: family, dropout: 0, others: layers.map { ["layer_types": $0] } ?? [:]) }
    }

    static let all =
      EncoderFamilies.all.map { Member(family: $0) } + [
        Member(family: ModernBERT.self, layers: [String](repeating: "full_attention", count: 3))
      ]
  }

  private static func scores(_ model: TextClassifier, _ rows: SequenceRows) -> [Float] {
    let batch = rows.microbatch(rows: Array(0..<rows.rowCount), positions: 0..<rows.rowCount)
    let pass = Pass(
      engine: Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: batch.rows)
    return model(batch, pass)[0].copied
  }

  @Test("The last layer gives masked tokens alone what it gives them among all", arguments: Member.all)
  func selection(member: Member) throws {
    let family = try member.value
    let model = TextClassifier(family, labels: 0, head: family.vocabularyHead)
    let state = ModelState(model, seed: 3)
    #expect(model.labels == 40)
    let tables = state.layout.slices.filter { $0.shape.rank == 2 && $0.shape[0] == 40 }
    #expect(tables.count == 1, "\(tables.map(\.name))")
    let rows = (0..<4).map { row in
      let ids = (0..<9 - row).map { Int32(5 + (7 * row + 3 * $0) % 35) }
      return SequenceRows.Row(
        [(ids: ids, typeIDs: ids.map { _ in 0 })], targets: row == 2 ? [1] : [1, 2],
        words: row == 2 ? [4] : [1, Int32(5 - row)])
    }
    let alone = Self.scores(model, SequenceRows(rows))
    // Next to a row without a masked token all tokens are computed.
    let other = SequenceRows.Row([(ids: [5, 6], typeIDs: [0, 0])], targets: [], words: [])
    let among = Self.scores(model, SequenceRows(rows + [other]))
    #expect(alone.count == 7 * 40 && among.count == 7 * 40)
    let largest = among.map(abs).max() ?? 0
    #expect(zip(alone, among).allSatisfy { abs($0 - $1) < 1e-5 * max(1, largest) })
    #expect(Set(alone.prefix(40)).count > 30)
  }
}
