/// One term of disentangled attention: the products of queries, or of keys, with the vectors of distances.
///
/// The table's rows are laid out by distance, so that the vectors that token after token meets lie side by side. A few tokens
/// at a time are multiplied with all distances that any of them meets; the scores of one token are then a stretch of its
/// row, which starts one place earlier from token to token. So they are a matrix themselves, whose rows are one place
/// closer together:
///
///     tokens of the block          distances →
///       0                          . . . x x x x
///       1                          . . x x x x .
///       2                          . x x x x . .
///       3                          x x x x . . .
struct PositionTerm {
  typealias Floats = UnsafeMutablePointer<Float>

  /// Whose vectors are multiplied with the table.
  enum Order {
    /// Queries': the other tokens are keys, and distances run as key minus query.
    case keys
    /// Keys': the other tokens are queries, and distances run as query minus key.
    case queries
  }

  /// Tokens of a block: few, since each meets the distances of the others in vain.
  private static let block = 16

  private let table: Tensor
  private let layout: AttentionLayout
  private let order: Order
  /// For each distance, from 1 - longest on, the table's row.
  private let rows: [Int]
  /// These rows, [distances, h].
  private let vectors: Buffer
  /// The same as columns, [h, distances]: small products are a third faster than with rows.
  private let columns: Buffer?

  /// - Parameter adds: whether scores will be computed.
  init(
    _ table: Tensor, _ positions: RelativePositions, _ layout: AttentionLayout, order: Order, adds: Bool,
    _ engine: Engine
  ) {
    self.table = table
    self.layout = layout
    self.order = order
    let distances = layout.longest == 0 ? 0..<0 : 1 - layout.longest..<layout.longest
    rows = distances.map { positions.row(order == .keys ? -$0 : $0) }
    vectors = engine.pool.take(rows.count * layout.width)
    columns = adds ? engine.pool.take(BlockedProduct.stride(columns: rows.count) * layout.width) : nil
    for (index, row) in rows.enumerated() {
      (vectors.pointer + index * layout.width).update(from: table.pointer + row * layout.width, count: layout.width)
    }
    guard let columns else { return }
    let panels = Panels(layout.width, atMost: 64, multipleOf: 16)
    engine.workers.run(pieces: panels.count) { piece in
      let panel = panels[piece]
      Kernels.addTransposed(
        columns.pointer + panel.lowerBound * columnStride, stride: columnStride, vectors.pointer + panel.lowerBound,
        stride: layout.width, rows: panel.count, columns: rows.count, accumulates: false)
    }
  }

  private var columnStride: Int { BlockedProduct.stride(columns: rows.count) }

  /// Floats of scratch memory for one block.
  static func bandCount(longest: Int) -> Int { block * (longest + block) }

  /// Some tokens, the distances that they meet, and where the scores lie in their products.
  private struct Band {
    let tokens: Range<Int>
    /// Tokens that each of them meets.
    let others: Int
    /// The first distance's row, counted from that of 1 - longest.
    let first: Int

    var width: Int { others + tokens.count - 1 }
    /// Of the first token's first score.
    var start: Int { tokens.count - 1 }
    /// Between the scores of two tokens.
    var stride: Int { width - 1 }

    /// Clears what lies before and behind each token's scores.
    func clearEnds(of memory: Floats) {
      for token in 0..<tokens.count {
        let row = memory + token * width
        let before = start - token
        row.update(repeating: 0, count: before)
        (row + before + others).update(repeating: 0, count: width - others - before)
      }
    }
  }

  private func forEachBand(_ piece: AttentionPiece, _ body: (Band) -> Void) {
    let (tokens, others) =
      order == .keys ? (piece.queries.count, piece.keys.count) : (piece.keys.count, piece.queries.count)
    guard others > 0 else { return }
    for first in stride(from: 0, to: tokens, by: Self.block) {
      let block = first..<min(first + Self.block, tokens)
      body(Band(tokens: block, others: others, first: layout.longest - block.upperBound))
    }
  }

  /// scores += the term, `vectors` being the first token's of those that meet the table.
  func add(to scores: Floats, _ piece: AttentionPiece, vectors: Floats, band memory: Floats, by multiplier: Multiplier)
  {
    guard let columns else { fatalError("a term of attention was made for its gradient alone") }
    forEachBand(piece) { band in
      let first = band.tokens.lowerBound
      multiplier.run(
        MatrixOperand(vectors + first * layout.width, stride: layout.width),
        MatrixOperand(
          columns.pointer + Int(piece.head) * layout.depth * columnStride + band.first, stride: columnStride),
        rows: band.tokens.count, columns: band.width, inner: layout.depth, into: memory, stride: band.width)
      switch order {
      case .keys:
        Kernels.addMatrix(
          scores + first * piece.stride, stride: piece.stride, memory + band.start, stride: band.stride,
          rows: band.tokens.count, columns: band.others)
      case .queries:
        Kernels.addTransposed(
          scores + first, stride: piece.stride, memory + band.start, stride: band.stride, rows: band.others,
          columns: band.tokens.count)
      }
    }
  }

  /// Hands the gradient of the scores on to the vectors and the table.
  func backward(
    _ slopes: Floats, _ piece: AttentionPiece, vectors: Floats, vectorGradient: Floats?, share: PositionShare?,
    band memory: Floats, by multiplier: Multiplier
  ) {
    forEachBand(piece) { band in
      let first = band.tokens.lowerBound
      band.clearEnds(of: memory)
      switch order {
      case .keys:
        Kernels.addMatrix(
          memory + band.start, stride: band.stride, slopes + first * piece.stride, stride: piece.stride,
          rows: band.tokens.count, columns: band.others, accumulates: false)
      case .queries:
        Kernels.addTransposed(
          memory + band.start, stride: band.stride, slopes + first, stride: piece.stride, rows: band.tokens.count,
          columns: band.others, accumulates: false)
      }
      if let vectorGradient {
        multiplier.run(
          MatrixOperand(memory, stride: band.width),
          MatrixOperand(
            self.vectors.pointer + band.first * layout.width + Int(piece.head) * layout.depth, stride: layout.width),
          rows: band.tokens.count, columns: layout.depth, inner: band.width,
          into: vectorGradient + first * layout.width, stride: layout.width, accumulates: true)
      }
      if let share {
        multiplier.run(
          MatrixOperand(memory, stride: band.width, transposed: true),
          MatrixOperand(vectors + first * layout.width, stride: layout.width), rows: band.width,
          columns: layout.depth, inner: band.tokens.count,
          into: share.pointer + band.first * layout.width + Int(piece.head) * layout.depth, stride: layout.width,
          accumulates: true)
      }
    }
  }

  /// Where the gradient of the table is summed; nil where it needs none.
  func gradientRoom(_ pool: BufferPool) -> PositionShare? {
    guard table.needsGradient else { return nil }
    return PositionShare(
      memory: pool.take(rows.count * layout.width), rows: rows, layout: layout, target: table.gradientCell)
  }
}

/// The gradient of a table by distance.
struct PositionShare {
  fileprivate let memory: Buffer
  fileprivate let rows: [Int]
  fileprivate let layout: AttentionLayout
  fileprivate let target: GradientCell

  fileprivate var pointer: UnsafeMutablePointer<Float> { memory.pointer }

  func clear(head: Int) {
    for row in rows.indices {
      (pointer + row * layout.width + head * layout.depth).update(repeating: 0, count: layout.depth)
    }
  }

  /// Adds each distance's gradient to the row that it takes, in the order of distances.
  func collect() {
    let slot = target.slot()
    if !slot.accumulates { slot.pointer.update(repeating: 0, count: slot.count) }
    for (index, row) in rows.enumerated() {
      let place = slot.pointer + row * layout.width
      Kernels.add(place, place, pointer + index * layout.width, layout.width)
    }
  }
}
