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
    public var task = "task_type_embeddings"
    public var norm = "LayerNorm"

    public init() {}
  }

  public let word: Embedding
  let position, type, task: Embedding?
  let norm: LayerNorm
  let dropout: Dropout
  private let padding: Int32?
  private let countsAfterPadding: Bool
  private let names: Names

  /// - Parameters:
  ///   - positions: rows of the table of positions; nil where there is none.
  ///   - types: rows of the table of token types; nil where there is none.
  ///   - tasks: rows of a table of tasks, of which the first is added to every token; nil where there is none.
  ///   - hasSinusoidalPositions: positions are sines and cosines, which are not trained.
  ///   - padding: the id whose row is not trained, as PyTorch's `padding_idx`, also where it is written in a text; nil for
  ///     none.
  ///   - countsAfterPadding: positions count from the id after padding's. Tokens of that id have its row of the table of
  ///     positions, which is not trained either, and are not counted.
  public init(
    words: Int, positions: Int?, types: Int?, tasks: Int? = nil, width: Int, epsilon: Double, hasNormBias: Bool = true,
    dropout: Double, initializer: Parameter.Initializer, padding: Int?, countsAfterPadding: Bool = false,
    hasSinusoidalPositions: Bool = false, names: Names = Names()
  ) {
    precondition(padding != nil || !countsAfterPadding, "positions count from the id after no padding")
    func table(_ entries: Int) -> Embedding { Embedding(entries, width, initializer: initializer) }
    word = table(words)
    position = positions.map {
      hasSinusoidalPositions ? Embedding($0, width, initializer: .sinusoids, isConstant: true) : table($0)
    }
    type = types.map(table)
    task = tasks.map(table)
    norm = LayerNorm(width, epsilon: Float(epsilon), hasBias: hasNormBias)
    self.dropout = Dropout(dropout)
    self.padding = padding.map(Int32.init)
    self.countsAfterPadding = countsAfterPadding
    self.names = names
  }

  public var checkpointNames: [String: String] {
    [
      "word": names.word, "position": names.position, "type": names.type, "task": names.task, "norm": names.norm,
    ]
  }

  public func callAsFunction(_ batch: TokenBatch, _ pass: Pass) -> TokenVectors {
    let places = Coordinates(rows: pass.rows, offsets: batch.offsets)
    let sum = pass.probed(sum(batch, pass))
    return TokenVectors(dropout(norm(sum, pass), places, pass), offsets: batch.offsets, places: places)
  }

  private func sum(_ batch: TokenBatch, _ pass: Pass) -> Tensor {
    let counted = countsAfterPadding ? padding : nil
    let positions = counted.map { Self.positions(in: batch, after: $0) } ?? batch.positions
    let sum = pass.embeddings(
      word: word.weight, position: position?.weight, type: type?.weight, ids: batch.ids, positions: positions,
      typeIDs: batch.typeIDs, padding: padding, paddingPosition: counted)
    guard let task else { return sum }
    let firsts = [Int32](repeating: 0, count: batch.ids.count)
    let tasks = pass.embeddings(
      word: task.weight, position: nil, type: nil, ids: firsts, positions: [], typeIDs: [])
    return pass.add(sum, tasks)
  }

  /// As transformers' `create_position_ids_from_input_ids` counts.
  private static func positions(in batch: TokenBatch, after padding: Int32) -> [Int32] {
    var positions = batch.positions
    for (first, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
      var newest = padding
      for index in Int(first)..<Int(end) {
        if batch.ids[index] != padding { newest += 1 }
        positions[index] = batch.ids[index] == padding ? padding : newest
      }
    }
    return positions
  }
}
