extension Pass {
  /// Multi-head self-attention, softmax(Q Kᵀ / √d) V for each row of the batch and each head.
  ///
  /// `key` and `value` are [n, h], packed: row r of the batch has the tokens `offsets[r] ..< offsets[r + 1]`, and head i the
  /// columns from i · d on, d = h / heads. `query` and the result are [m, h], packed likewise by `queryOffsets`: the first
  /// tokens of each row, which attend to all of it; nil where all tokens ask. Dropout of the probabilities draws its mask at
  /// row `rows[r]`, outer head << 16 | query, inner key. The scores of one row and head exist at a time: the backward pass
  /// computes them again.
  public func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, offsets: [Int32], queryOffsets: [Int32]? = nil,
    mask: DropoutMask?
  ) -> Tensor {
    let work = AttentionWork(
      pass: self, query: query, key: key, value: value, heads: heads, offsets: offsets,
      queryOffsets: queryOffsets ?? offsets, mask: mask)
    let result = result(query.shape, from: [query, key, value])
    let statistics = engine.pool.take(2 * query.shape[0] * heads)
    let scratch = engine.scratch(work.scratchCount(matrices: 1))
    engine.workers.run(pieces: work.pieces) { piece, worker in
      work.forward(piece, into: result.pointer, statistics: statistics.pointer, scratch: scratch[worker])
    }
    record(result) { [engine] gradient in
      // In the order of use: the three may be one tensor, and its first contribution overwrites.
      let valueSlot = value.needsGradient ? value.gradientSlot() : nil
      let querySlot = query.needsGradient ? query.gradientSlot() : nil
      let keySlot = key.needsGradient ? key.gradientSlot() : nil
      let slots = AttentionSlots(query: querySlot, key: keySlot, value: valueSlot)
      let scratch = engine.scratch(work.scratchCount(matrices: 3))
      engine.workers.run(pieces: work.pieces) { piece, worker in
        work.backward(piece, gradient, slots: slots, statistics: statistics.pointer, scratch: scratch[worker])
      }
    }
    return result
  }
}

/// Where the gradients go; nil where none is needed.
private struct AttentionSlots {
  let query: GradientSlot?
  let key: GradientSlot?
  let value: GradientSlot?
}

/// The attention of a packed batch, cut in pieces of one row and one head.
private struct AttentionWork {
  typealias Floats = UnsafeMutablePointer<Float>

  let query: Tensor
  let key: Tensor
  let value: Tensor
  let heads: Int
  let offsets: [Int32]
  let queryOffsets: [Int32]
  let mask: DropoutMask?
  let rows: [Int32]

  private let width: Int
  private let depth: Int
  private let longest: Int
  private let mostQueries: Int

  init(
    pass: Pass, query: Tensor, key: Tensor, value: Tensor, heads: Int, offsets: [Int32], queryOffsets: [Int32],
    mask: DropoutMask?
  ) {
    require(
      query.shape.rank == 2 && key.shape == value.shape && key.shape.rank == 2 && query.shape[1] == key.shape[1]
        && query.shape[1].isMultiple(of: heads),
      "attention of \(heads) heads cannot take shapes \(query.shape), \(key.shape), \(value.shape)")
    for (offsets, shape) in [(offsets, key.shape), (queryOffsets, query.shape)] {
      require(
        offsets.count == pass.rows.count + 1 && offsets.first == 0 && offsets.last.map(Int.init) == shape[0],
        "attention over \(pass.rows.count) rows and \(shape[0]) tokens cannot have the offsets \(offsets)")
    }
    self.query = query
    self.key = key
    self.value = value
    self.heads = heads
    self.offsets = offsets
    self.queryOffsets = queryOffsets
    self.mask = mask
    rows = pass.rows
    width = query.shape[1]
    depth = width / heads
    longest = Self.longest(offsets)
    mostQueries = Self.longest(queryOffsets)
    require(longest <= 1 << 16 && heads <= 1 << 16, "attention over \(longest) tokens and \(heads) heads")
  }

  private static func longest(_ offsets: [Int32]) -> Int {
    zip(offsets, offsets.dropFirst()).map { Int($1 - $0) }.max() ?? 0
  }

  var pieces: Int { rows.count * heads }

  private var factor: Float { 1 / Float(depth).squareRoot() }

  /// Floats of scratch memory: so many matrices of scores, the random numbers of one and its coordinates.
  func scratchCount(matrices: Int) -> Int {
    let stride = (longest + 7) / 8 * 8
    return mostQueries * stride * matrices + (mask == nil ? 0 : (mostQueries * stride + 1) / 2 + 2 * mostQueries)
  }

  /// One row of the batch and one head.
  private struct Piece {
    let queries: Int
    let keys: Int
    let row: UInt32
    let head: UInt32
    /// Of the first query's first column in [m, h].
    let queryOffset: Int
    /// Of the first key's first column in [n, h].
    let keyOffset: Int
    /// Of the maxima, then of the inverse sums, of the rows of scores.
    let statistics: Int

    /// Between the rows of scores.
    var stride: Int { (keys + 7) / 8 * 8 }
    var count: Int { queries * stride }
  }

  private func piece(_ index: Int) -> Piece {
    let (row, head) = (index / heads, index % heads)
    let keys = Int(offsets[row])..<Int(offsets[row + 1])
    let queries = Int(queryOffsets[row])..<Int(queryOffsets[row + 1])
    require(queries.count <= keys.count, "\(queries.count) queries of a row of \(keys.count) tokens")
    return Piece(
      queries: queries.count, keys: keys.count, row: UInt32(bitPattern: rows[row]), head: UInt32(head),
      queryOffset: queries.lowerBound * width + head * depth, keyOffset: keys.lowerBound * width + head * depth,
      statistics: 2 * (queries.lowerBound * heads + head * queries.count))
  }

  func forward(_ index: Int, into result: Floats, statistics: Floats, scratch: Floats) {
    let piece = piece(index)
    scores(piece, into: scratch)
    let rowStatistics = statistics + piece.statistics
    Kernels.softmax(
      scratch, largest: rowStatistics, inverse: rowStatistics + piece.queries, factor: factor, rows: piece.queries,
      columns: piece.keys, stride: piece.stride)
    if let mask {
      let halves = drawMask(mask, piece, scratch + piece.count)
      Kernels.dropout(scratch, scratch, halves, mask, piece.count)
    }
    productOverKeys(scratch, value, piece, into: result + piece.queryOffset)
  }

  func backward(_ index: Int, _ gradient: Floats, slots: AttentionSlots, statistics: Floats, scratch: Floats) {
    let piece = piece(index)
    let (probabilities, dropped, slopes) = (scratch, scratch + piece.count, scratch + 2 * piece.count)
    let upstream = gradient + piece.queryOffset
    scores(piece, into: probabilities)
    let rowStatistics = statistics + piece.statistics
    Kernels.softmaxAgain(
      probabilities, largest: rowStatistics, inverse: rowStatistics + piece.queries, factor: factor,
      rows: piece.queries, columns: piece.keys, stride: piece.stride)
    let halves = mask.map { drawMask($0, piece, scratch + 3 * piece.count) }
    if let slot = slots.value {
      var weights = probabilities
      if let mask, let halves {
        Kernels.dropout(dropped, probabilities, halves, mask, piece.count)
        weights = dropped
      }
      productOverQueries(weights, upstream, piece, into: slot)
    }
    guard slots.query != nil || slots.key != nil else { return }
    MatrixProduct.run(
      MatrixOperand(upstream, stride: width),
      MatrixOperand(value.pointer + piece.keyOffset, stride: width, transposed: true),
      rows: piece.queries, columns: piece.keys, inner: depth, into: slopes, stride: piece.stride)
    if let mask, let halves { Kernels.dropout(slopes, slopes, halves, mask, piece.count) }
    Kernels.softmaxBackward(
      slopes, probabilities: probabilities, factor: factor, rows: piece.queries, columns: piece.keys,
      stride: piece.stride)
    if let slot = slots.query {
      productOverKeys(slopes, key, piece, into: slot.pointer + piece.queryOffset, beta: slot.beta)
    }
    if let slot = slots.key {
      productOverQueries(slopes, query.pointer + piece.queryOffset, piece, into: slot)
    }
  }

  /// result = Q Kᵀ, not yet divided by √d.
  private func scores(_ piece: Piece, into result: Floats) {
    MatrixProduct.run(
      MatrixOperand(query.pointer + piece.queryOffset, stride: width),
      MatrixOperand(key.pointer + piece.keyOffset, stride: width, transposed: true),
      rows: piece.queries, columns: piece.keys, inner: depth, into: result, stride: piece.stride)
  }

  /// result = weights · vectors + beta · result, the weights being [queries, keys] and the vectors one head of [n, h].
  private func productOverKeys(
    _ weights: Floats, _ vectors: Tensor, _ piece: Piece, into result: Floats, beta: Float = 0
  ) {
    MatrixProduct.run(
      MatrixOperand(weights, stride: piece.stride), MatrixOperand(vectors.pointer + piece.keyOffset, stride: width),
      rows: piece.queries, columns: depth, inner: piece.keys, into: result, stride: width, beta: beta)
  }

  /// slot (+)= weightsᵀ · vectors, the weights being [queries, keys] and the vectors one head of [m, h].
  private func productOverQueries(_ weights: Floats, _ vectors: Floats, _ piece: Piece, into slot: GradientSlot) {
    MatrixProduct.run(
      MatrixOperand(weights, stride: piece.stride, transposed: true), MatrixOperand(vectors, stride: width),
      rows: piece.keys, columns: depth, inner: piece.queries, into: slot.pointer + piece.keyOffset, stride: width,
      beta: slot.beta)
  }

  private func drawMask(_ mask: DropoutMask, _ piece: Piece, _ scratch: Floats) -> UnsafePointer<UInt16> {
    let rowIDs = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt32.self)
    let outers = rowIDs + piece.queries
    for query in 0..<piece.queries {
      rowIDs[query] = piece.row
      outers[query] = piece.head << 16 | UInt32(query)
    }
    let halves = UnsafeMutableRawPointer(outers + piece.queries).assumingMemoryBound(to: UInt16.self)
    Kernels.randomHalves(
      halves, rows: rowIDs, outers: outers, count: piece.queries, columns: piece.keys, key: mask.stream.key)
    return UnsafePointer(halves)
  }
}
