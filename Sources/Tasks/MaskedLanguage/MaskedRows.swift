import Data
import Tensors

/// A token of a row that is to be predicted: where it stands, and what the model sees in its place.
struct MaskedToken: Sendable, Equatable {
  let place: Int
  let input: Int32
  /// nan where nobody knows it.
  let target: Float
}

/// Rows of text of which some tokens are predicted, from what the model sees in their places.
///
/// Which ones is a function of the tokens, of the row's number, and of the step: not of the rank, of the place in a batch or of
/// what was asked before.
struct MaskedRows: Dataset {
  typealias Choice = @Sendable (_ ids: ArraySlice<Int32>, _ row: Int) -> [MaskedToken]

  let base: any Dataset
  /// What is predicted of a row.
  let choice: Choice
  /// The same at a step; nil where every step sees the same.
  var redrawn: (@Sendable (_ step: Int) -> Choice)?

  func drawn(at step: Int) -> any Dataset {
    guard let redrawn else { return self }
    return MaskedRows(base: base, choice: redrawn(step), redrawn: redrawn)
  }

  var rowCount: Int { base.rowCount }
  func length(_ row: Int) -> Int { base.length(row) }
  func sampleID(_ row: Int) -> Int { base.sampleID(row) }
  func rowID(_ row: Int) -> String { base.rowID(row) }

  func targets(_ row: Int) -> [Float] { chosen(row).map(\.target) }

  func weight(_ row: Int) -> Float { Float(chosen(row).count { !$0.target.isNaN }) }

  func words(_ row: Int) -> RowWords? {
    let count = chosen(row).count
    return RowWords(
      text: "", places: [Range<Int>](repeating: 0..<0, count: count), areRead: [Bool](repeating: true, count: count))
  }

  func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch {
    let batch = base.microbatch(rows: rows, positions: positions)
    guard case .tokens(var tokens) = batch.input else { preconditionFailure("masks are of tokens, not of images") }
    var words = LabelledWords(tokens: [], borders: [0])
    var targets: [Float] = []
    for (row, (first, end)) in zip(rows, zip(tokens.offsets, tokens.offsets.dropFirst())) {
      for token in choice(tokens.ids[Int(first)..<Int(end)], row) {
        tokens.ids[Int(first) + token.place] = token.input
        words.tokens.append(first + Int32(token.place))
        targets.append(token.target)
      }
      words.borders.append(Int32(words.tokens.count))
    }
    return Microbatch(
      input: .tokens(tokens), targets: targets, rows: batch.rows, sampleIDs: batch.sampleIDs, words: words)
  }

  private func chosen(_ row: Int) -> [MaskedToken] { choice(base.ids(row)[...], row) }
}

extension Dataset {
  /// The tokens of a row that is one sequence.
  func ids(_ row: Int) -> [Int32] {
    guard case .tokens(let tokens) = microbatch(rows: [row], positions: 0..<1).input else {
      preconditionFailure("rows of tokens, not of images")
    }
    return tokens.ids
  }
}
