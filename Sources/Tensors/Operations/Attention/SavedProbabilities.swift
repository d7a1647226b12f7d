/// The probabilities of attention in short rows, from the forward pass for the backward pass.
///
/// To recompute them takes more products than to use them, where scores have several terms; and in short rows they take no
/// more memory than the other saved tensors of a layer.
struct SavedProbabilities {
  private let memory: Buffer
  /// Where the probabilities of each row's first head begin; nil where they are not saved.
  private let starts: [Int?]
  private let heads: Int

  /// - Parameter limit: tokens of the longest rows that are saved.
  init(_ layout: AttentionLayout, limit: Int, pool: BufferPool) {
    var (starts, count): ([Int?], Int) = ([], 0)
    for row in layout.rows.indices {
      let piece = layout.piece(row: row, head: 0)
      guard piece.keys.count <= limit else {
        starts.append(nil)
        continue
      }
      starts.append(count)
      count += layout.heads * piece.count
    }
    self.starts = starts
    heads = layout.heads
    memory = pool.take(count)
  }

  var holdsAll: Bool { !starts.contains(nil) }

  /// - Parameter index: row of the batch times heads, plus head.
  func pointer(_ index: Int, of piece: AttentionPiece) -> UnsafeMutablePointer<Float>? {
    starts[index / heads].map { memory.pointer + $0 + index % heads * piece.count }
  }
}
