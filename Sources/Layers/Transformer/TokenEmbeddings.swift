import Tensors

/// The sum of a token's rows in one or more tables, normalised: the first vectors of every encoder.
///
/// The sum is offered to adversaries that displace embedded tokens (`Pass.probed`).
public final class TokenEmbeddings: Module {
  /// The names of its parts in a checkpoint.
  public struct Names: Sendable {
    public var word = "word_embeddings"
    public var position = "position_embeddings"
    public var type = "token_type_embeddings"
    public var norm = "LayerNorm"

    public init() {}
  }

  public let word: Embedding
  let position, type: Embedding?
  let norm: LayerNorm
  let dropout: Dropout
  private let firstPosition: Int32
  private let names: Names

  /// - Parameters:
  ///   - positions: rows of the table of positions; nil where there is none.
  ///   - types: rows of the table of token types; nil where there is none.
  ///   - firstPosition: the row of a row's first token in the table of positions.
  public init(
    words: Int, positions: Int?, types: Int?, width: Int, epsilon: Double, dropout: Double,
    initializer: Parameter.Initializer, firstPosition: Int = 0, names: Names = Names()
  ) {
    func table(_ entries: Int) -> Embedding { Embedding(entries, width, initializer: initializer) }
    word = table(words)
    position = positions.map(table)
    type = types.map(table)
    norm = LayerNorm(width, epsilon: Float(epsilon))
    self.dropout = Dropout(dropout)
    self.firstPosition = Int32(firstPosition)
    self.names = names
  }

  public var checkpointNames: [String: String] {
    ["word": names.word, "position": names.position, "type": names.type, "norm": names.norm]
  }

  public func callAsFunction(_ batch: TokenBatch, _ pass: Pass) -> TokenVectors {
    let places = Coordinates(rows: pass.rows, offsets: batch.offsets)
    let positions = firstPosition == 0 ? batch.positions : batch.positions.map { $0 + firstPosition }
    let sum = pass.embeddings(
      word: word.weight, position: position?.weight, type: type?.weight, ids: batch.ids, positions: positions,
      typeIDs: batch.typeIDs)
    return TokenVectors(dropout(norm(pass.probed(sum), pass), places, pass), offsets: batch.offsets, places: places)
  }
}
