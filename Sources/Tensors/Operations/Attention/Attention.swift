extension Pass {
  /// Multi-head self-attention, softmax(Q Kᵀ / √d) V for each row of the batch and each head.
  ///
  /// `key` and `value` are [n, h], packed: row r of the batch has the tokens `offsets[r] ..< offsets[r + 1]`, and head i the
  /// columns from i · d on, d = h / heads. `query` and the result are [m, h], packed likewise by `queryOffsets`: the first
  /// tokens of each row, which attend to all of it; nil where all tokens ask. Dropout of the probabilities draws its mask at
  /// row `rows[r]`, outer head << 16 | query, inner key. The scores of one row and head exist at a time: the backward pass
  /// computes them again.
  ///
  /// - Parameter window: token i attends to the tokens j with |i - j| ≤ window (Beltagy et al. 2020, arXiv:2004.05150); to
  ///   all of its row where nil.
  public func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, offsets: [Int32], queryOffsets: [Int32]? = nil,
    window: Int? = nil, mask: DropoutMask?
  ) -> Tensor {
    let layout = AttentionLayout(
      pass: self, query: query, key: key, value: value, heads: heads, offsets: offsets, queryOffsets: queryOffsets,
      mask: mask)
    let work = AttentionWork(layout: layout, query: query, key: key, value: value, window: window)
    let result = result(query.shape, from: [query, key, value])
    let statistics = engine.pool.take(2 * query.shape[0] * heads)
    let scratch = engine.scratch(work.scratchCount(matrices: 1))
    engine.workers.run(pieces: layout.pieces) { piece, worker in
      work.forward(
        piece, into: result.pointer, statistics: statistics.pointer, scratch: scratch[worker],
        by: engine.multipliers[worker])
    }
    record(result) { [engine] gradient in
      let slots = AttentionSlots(query: query, key: key, value: value)
      let scratch = engine.scratch(work.scratchCount(matrices: 3))
      engine.workers.run(pieces: layout.pieces) { piece, worker in
        work.backward(
          piece, gradient, slots: slots, statistics: statistics.pointer, scratch: scratch[worker],
          by: engine.multipliers[worker])
      }
    }
    return result
  }
}

/// The attention of a packed batch, cut in pieces of one row and one head, and these into blocks of queries where there is a
/// window.
private struct AttentionWork {
  typealias Floats = UnsafeMutablePointer<Float>

  let layout: AttentionLayout
  let query: Tensor
  let key: Tensor
  let value: Tensor
  let window: Int?
  private let blocks: WindowBlocks?

  init(layout: AttentionLayout, query: Tensor, key: Tensor, value: Tensor, window: Int?) {
    require(window ?? 0 >= 0, "attention cannot have a window of \(window ?? 0) tokens")
    self.layout = layout
    self.query = query
    self.key = key
    self.value = value
    // No row is longer.
    self.window = window.map { min($0, 1 << 16) }
    blocks = self.window.map(WindowBlocks.init)
  }

  private var factor: Float { 1 / Float(layout.depth).squareRoot() }
  private var width: Int { layout.width }

  /// Floats of scratch memory: so many matrices of scores, the random numbers of one and its coordinates.
  func scratchCount(matrices: Int) -> Int {
    let queries = blocks.map { min($0.queries, layout.mostQueries) } ?? layout.mostQueries
    let keys = blocks.map { min($0.mostKeys, layout.longest) } ?? layout.longest
    return queries * AttentionPiece.stride(keys: keys) * matrices + layout.maskCount(queries: queries, keys: keys)
  }

  func forward(
    _ index: Int, into result: Floats, statistics: Floats, scratch: Floats, by multiplier: Multiplier
  ) {
    let piece = layout.piece(index)
    guard let blocks else { return forward(piece, into: result, statistics, scratch, multiplier) }
    blocks.forEach(of: piece) { queries, keys in
      forward(layout.block(piece, queries: queries, keys: keys), into: result, statistics, scratch, multiplier)
    }
  }

  private func forward(
    _ piece: AttentionPiece, into result: Floats, _ statistics: Floats, _ scratch: Floats, _ multiplier: Multiplier
  ) {
    scores(piece, into: scratch, multiplier)
    forEachSoftmax(piece) { rows, columns in
      Kernels.softmax(
        scratch + rows.lowerBound * piece.stride + columns.lowerBound,
        largest: statistics + piece.largest + rows.lowerBound, inverse: statistics + piece.inverse + rows.lowerBound,
        factor: factor, rows: rows.count, columns: columns.count, stride: piece.stride)
      clear(scratch, piece, rows, except: columns)
    }
    if let mask = layout.mask {
      let halves = layout.drawMask(mask, piece, scratch + piece.count)
      Kernels.dropout(scratch, scratch, halves, mask, piece.count)
    }
    productOverKeys(scratch, value, piece, into: result + piece.queryOffset, multiplier)
  }

  func backward(
    _ index: Int, _ gradient: Floats, slots: AttentionSlots, statistics: Floats, scratch: Floats,
    by multiplier: Multiplier
  ) {
    let piece = layout.piece(index)
    guard let blocks else {
      return backward(piece, gradient, slots, adds: false, statistics, scratch, multiplier)
    }
    // Several blocks give to one key.
    for (slot, offset, rows) in [
      (slots.value, piece.keyOffset, piece.keys.count), (slots.query, piece.queryOffset, piece.queries.count),
      (slots.key, piece.keyOffset, piece.keys.count),
    ] {
      guard let slot, !slot.accumulates else { continue }
      for row in 0..<rows { (slot.pointer + offset + row * width).update(repeating: 0, count: layout.depth) }
    }
    blocks.forEach(of: piece) { queries, keys in
      let block = layout.block(piece, queries: queries, keys: keys)
      backward(block, gradient, slots, adds: true, statistics, scratch, multiplier)
    }
  }

  /// - Parameter adds: adds to what is in the slots, whatever they say.
  private func backward(
    _ piece: AttentionPiece, _ gradient: Floats, _ slots: AttentionSlots, adds: Bool, _ statistics: Floats,
    _ scratch: Floats, _ multiplier: Multiplier
  ) {
    let (probabilities, dropped, slopes) = (scratch, scratch + piece.count, scratch + 2 * piece.count)
    let upstream = gradient + piece.queryOffset
    scores(piece, into: probabilities, multiplier)
    forEachSoftmax(piece) { rows, columns in
      Kernels.softmaxAgain(
        probabilities + rows.lowerBound * piece.stride + columns.lowerBound,
        largest: statistics + piece.largest + rows.lowerBound, inverse: statistics + piece.inverse + rows.lowerBound,
        factor: factor, rows: rows.count, columns: columns.count, stride: piece.stride)
      clear(probabilities, piece, rows, except: columns)
    }
    let halves = layout.mask.map { layout.drawMask($0, piece, scratch + 3 * piece.count) }
    if let slot = slots.value {
      var weights = probabilities
      if let mask = layout.mask, let halves {
        Kernels.dropout(dropped, probabilities, halves, mask, piece.count)
        weights = dropped
      }
      productOverQueries(weights, upstream, piece, into: slot, adds: adds, multiplier)
    }
    guard slots.query != nil || slots.key != nil else { return }
    multiplier.run(
      MatrixOperand(upstream, stride: width),
      MatrixOperand(value.pointer + piece.keyOffset, stride: width, transposed: true),
      rows: piece.queries.count, columns: piece.keys.count, inner: layout.depth, into: slopes, stride: piece.stride)
    if let mask = layout.mask, let halves { Kernels.dropout(slopes, slopes, halves, mask, piece.count) }
    forEachSoftmax(piece) { rows, columns in
      let first = rows.lowerBound * piece.stride + columns.lowerBound
      Kernels.softmaxBackward(
        slopes + first, probabilities: probabilities + first, factor: factor, rows: rows.count,
        columns: columns.count, stride: piece.stride)
      clear(slopes, piece, rows, except: columns)
    }
    if let slot = slots.query {
      productOverKeys(
        slopes, key, piece, into: slot.pointer + piece.queryOffset, accumulates: adds || slot.accumulates, multiplier)
    }
    if let slot = slots.key {
      productOverQueries(slopes, query.pointer + piece.queryOffset, piece, into: slot, adds: adds, multiplier)
    }
  }

  /// result = Q Kᵀ, not yet divided by √d.
  private func scores(_ piece: AttentionPiece, into result: Floats, _ multiplier: Multiplier) {
    multiplier.run(
      MatrixOperand(query.pointer + piece.queryOffset, stride: width),
      MatrixOperand(key.pointer + piece.keyOffset, stride: width, transposed: true),
      rows: piece.queries.count, columns: piece.keys.count, inner: layout.depth, into: result, stride: piece.stride)
  }

  /// result (+)= weights · vectors, the weights being [queries, keys] and the vectors one head of [n, h].
  private func productOverKeys(
    _ weights: Floats, _ vectors: Tensor, _ piece: AttentionPiece, into result: Floats, accumulates: Bool = false,
    _ multiplier: Multiplier
  ) {
    multiplier.run(
      MatrixOperand(weights, stride: piece.stride), MatrixOperand(vectors.pointer + piece.keyOffset, stride: width),
      rows: piece.queries.count, columns: layout.depth, inner: piece.keys.count, into: result, stride: width,
      accumulates: accumulates)
  }

  /// slot (+)= weightsᵀ · vectors, the weights being [queries, keys] and the vectors one head of [m, h].
  private func productOverQueries(
    _ weights: Floats, _ vectors: Floats, _ piece: AttentionPiece, into slot: GradientSlot, adds: Bool,
    _ multiplier: Multiplier
  ) {
    multiplier.run(
      MatrixOperand(weights, stride: piece.stride, transposed: true), MatrixOperand(vectors, stride: width),
      rows: piece.keys.count, columns: layout.depth, inner: piece.queries.count,
      into: slot.pointer + piece.keyOffset, stride: width, accumulates: adds || slot.accumulates)
  }
}

// MARK: Windows

extension AttentionWork {
  /// Rows of scores whose softmax runs over the same columns: all of them, or one by one where there is a window.
  private func forEachSoftmax(_ piece: AttentionPiece, _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void) {
    guard let window else { return body(0..<piece.queries.count, 0..<piece.keys.count) }
    for (row, query) in piece.queries.enumerated() {
      let first = max(piece.keys.lowerBound, query - window) - piece.keys.lowerBound
      let end = min(piece.keys.upperBound, query + window + 1) - piece.keys.lowerBound
      body(row..<row + 1, first..<end)
    }
  }

  /// Clears what lies outside the window.
  private func clear(_ scores: Floats, _ piece: AttentionPiece, _ rows: Range<Int>, except columns: Range<Int>) {
    guard window != nil else { return }
    for row in rows {
      let own = scores + row * piece.stride
      own.update(repeating: 0, count: columns.lowerBound)
      (own + columns.upperBound).update(repeating: 0, count: piece.keys.count - columns.upperBound)
    }
  }
}

/// Blocks of queries, each with the keys that any of them sees.
private struct WindowBlocks {
  let window: Int
  /// Of a block: the narrower the window, the fewer queries see the same keys.
  let queries = 32

  init(_ window: Int) { self.window = window }

  /// Keys begin at a multiple of 8, as masks are drawn.
  var mostKeys: Int { queries + 2 * window + 7 }

  func forEach(of piece: AttentionPiece, _ body: (_ queries: Range<Int>, _ keys: Range<Int>) -> Void) {
    for first in stride(from: 0, to: piece.queries.count, by: queries) {
      let end = min(first + queries, piece.queries.count)
      let keys = max(0, first - window) / 8 * 8..<min(piece.keys.count, end + window)
      body(first..<end, keys)
    }
  }
}
