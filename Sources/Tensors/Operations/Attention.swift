extension Pass {
  /// Multi-head self-attention, softmax(Q Kᵀ / √d) V for each row of the batch and each head.
  ///
  /// `query`, `key`, `value` and the result are [n, h], packed: row r of the batch has the tokens
  /// `offsets[r] ..< offsets[r + 1]`, and head i the columns from i · d on, d = h / heads. Dropout of the probabilities draws
  /// its mask at row `rows[r]`, outer head << 16 | query, inner key. The scores of one row and head exist at a time: the
  /// backward pass computes them again.
  public func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, offsets: [Int32], mask: DropoutMask?
  ) -> Tensor {
    let work = AttentionWork(
      pass: self, query: query, key: key, value: value, heads: heads, offsets: offsets, mask: mask)
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
  let mask: DropoutMask?
  let rows: [Int32]

  private let width: Int
  private let depth: Int
  private let longest: Int

  init(pass: Pass, query: Tensor, key: Tensor, value: Tensor, heads: Int, offsets: [Int32], mask: DropoutMask?) {
    precondition(
      query.shape.rank == 2 && query.shape == key.shape && query.shape == value.shape
        && query.shape[1].isMultiple(of: heads),
      "attention of \(heads) heads cannot take shapes \(query.shape), \(key.shape), \(value.shape)")
    precondition(
      offsets.count == pass.rows.count + 1 && offsets.first == 0 && offsets.last.map(Int.init) == query.shape[0],
      "attention over \(pass.rows.count) rows and \(query.shape[0]) tokens cannot have the offsets \(offsets)")
    self.query = query
    self.key = key
    self.value = value
    self.heads = heads
    self.offsets = offsets
    self.mask = mask
    rows = pass.rows
    width = query.shape[1]
    depth = width / heads
    longest = zip(offsets, offsets.dropFirst()).map { Int($1 - $0) }.max() ?? 0
    precondition(longest <= 1 << 16 && heads <= 1 << 16, "attention over \(longest) tokens and \(heads) heads")
  }

  var pieces: Int { rows.count * heads }

  private var factor: Float { 1 / Float(depth).squareRoot() }

  /// Floats of scratch memory: so many matrices of scores, the random numbers of one and its coordinates.
  func scratchCount(matrices: Int) -> Int {
    let stride = (longest + 7) / 8 * 8
    return longest * stride * matrices + (mask == nil ? 0 : (longest * stride + 1) / 2 + 2 * longest)
  }

  /// One row of the batch and one head.
  private struct Piece {
    let tokens: Range<Int>
    let row: UInt32
    let head: UInt32
    /// Of the first token's first column in [n, h].
    let offset: Int
    /// Of the maxima, then of the inverse sums, of the rows of scores.
    let statistics: Int
    let stride: Int

    var length: Int { tokens.count }
    var count: Int { length * stride }
  }

  private func piece(_ index: Int) -> Piece {
    let (row, head) = (index / heads, index % heads)
    let tokens = Int(offsets[row])..<Int(offsets[row + 1])
    return Piece(
      tokens: tokens, row: UInt32(bitPattern: rows[row]), head: UInt32(head),
      offset: tokens.lowerBound * width + head * depth,
      statistics: 2 * (tokens.lowerBound * heads + head * tokens.count), stride: (tokens.count + 7) / 8 * 8)
  }

  func forward(_ index: Int, into result: Floats, statistics: Floats, scratch: Floats) {
    let piece = piece(index)
    scores(piece, into: scratch)
    let rowStatistics = statistics + piece.statistics
    Kernels.softmax(
      scratch, largest: rowStatistics, inverse: rowStatistics + piece.length, factor: factor, rows: piece.length,
      columns: piece.length, stride: piece.stride)
    if let mask {
      let halves = drawMask(mask, piece, scratch + piece.count)
      Kernels.dropout(scratch, scratch, halves, mask, piece.count)
    }
    MatrixProduct.run(
      MatrixOperand(scratch, stride: piece.stride), MatrixOperand(value.pointer + piece.offset, stride: width),
      rows: piece.length, columns: depth, inner: piece.length, into: result + piece.offset, stride: width)
  }

  func backward(_ index: Int, _ gradient: Floats, slots: AttentionSlots, statistics: Floats, scratch: Floats) {
    let piece = piece(index)
    let (probabilities, dropped, slopes) = (scratch, scratch + piece.count, scratch + 2 * piece.count)
    let upstream = gradient + piece.offset
    scores(piece, into: probabilities)
    let rowStatistics = statistics + piece.statistics
    Kernels.softmaxAgain(
      probabilities, largest: rowStatistics, inverse: rowStatistics + piece.length, factor: factor, rows: piece.length,
      columns: piece.length, stride: piece.stride)
    let halves = mask.map { drawMask($0, piece, scratch + 3 * piece.count) }
    if let slot = slots.value {
      var weights = probabilities
      if let mask, let halves {
        Kernels.dropout(dropped, probabilities, halves, mask, piece.count)
        weights = dropped
      }
      productOverTokens(weights, transposed: true, upstream, piece, into: slot)
    }
    guard slots.query != nil || slots.key != nil else { return }
    MatrixProduct.run(
      MatrixOperand(upstream, stride: width),
      MatrixOperand(value.pointer + piece.offset, stride: width, transposed: true),
      rows: piece.length, columns: piece.length, inner: depth, into: slopes, stride: piece.stride)
    if let mask, let halves { Kernels.dropout(slopes, slopes, halves, mask, piece.count) }
    Kernels.softmaxBackward(
      slopes, probabilities: probabilities, factor: factor, rows: piece.length, columns: piece.length,
      stride: piece.stride)
    if let slot = slots.query {
      productOverTokens(slopes, transposed: false, key.pointer + piece.offset, piece, into: slot)
    }
    if let slot = slots.key {
      productOverTokens(slopes, transposed: true, query.pointer + piece.offset, piece, into: slot)
    }
  }

  /// result = Q Kᵀ, not yet divided by √d.
  private func scores(_ piece: Piece, into result: Floats) {
    MatrixProduct.run(
      MatrixOperand(query.pointer + piece.offset, stride: width),
      MatrixOperand(key.pointer + piece.offset, stride: width, transposed: true),
      rows: piece.length, columns: piece.length, inner: depth, into: result, stride: piece.stride)
  }

  /// slot (+)= weights · vectors, the weights being [length, length] and the vectors one head of [n, h].
  private func productOverTokens(
    _ weights: Floats, transposed: Bool, _ vectors: Floats, _ piece: Piece, into slot: GradientSlot
  ) {
    MatrixProduct.run(
      MatrixOperand(weights, stride: piece.stride, transposed: transposed), MatrixOperand(vectors, stride: width),
      rows: piece.length, columns: depth, inner: piece.length, into: slot.pointer + piece.offset, stride: width,
      beta: slot.beta)
  }

  private func drawMask(_ mask: DropoutMask, _ piece: Piece, _ scratch: Floats) -> UnsafePointer<UInt16> {
    let rowIDs = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt32.self)
    let outers = rowIDs + piece.length
    for query in 0..<piece.length {
      rowIDs[query] = piece.row
      outers[query] = piece.head << 16 | UInt32(query)
    }
    let halves = UnsafeMutableRawPointer(outers + piece.length).assumingMemoryBound(to: UInt16.self)
    Kernels.randomHalves(
      halves, rows: rowIDs, outers: outers, count: piece.length, columns: piece.length, key: mask.stream.key)
    return UnsafePointer(halves)
  }
}
