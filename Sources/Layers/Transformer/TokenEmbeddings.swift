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
  private let names: Names

  /// - Parameters:
  ///   - positions: rows of the table of positions; nil where there is none.
  ///   - types: rows of the table of token types; nil where there is none.
  ///   - tasks: rows of a table of tasks, of which the first is added to every token; nil where there is none.
  ///   - hasSinusoidalPositions: positions are sines and cosines, which are not trained.
  ///   - padding: the id after which positions count. Tokens of this id have its row of the table and are not counted.
  ///     Nil where positions count from 0.
  public init(
    words: Int, positions: Int?, types: Int?, tasks: Int? = nil, width: Int, epsilon: Double, hasNormBias: Bool = true,
    dropout: Double, initializer: Parameter.Initializer, countingAfter padding: Int? = nil,
    hasSinusoidalPositions: Bool = false, names: Names = Names()
  ) {
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
    let positions = padding.map { Self.positions(in: batch, after: $0) } ?? batch.positions
    let sum = pass.embeddings(
      word: word.weight, position: position?.weight, type: type?.weight, ids: batch.ids, positions: positions,
      typeIDs: batch.typeIDs)
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
