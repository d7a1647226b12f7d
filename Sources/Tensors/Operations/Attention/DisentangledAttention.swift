extension Pass {
  /// Attention whose scores also depend on the distance of query and key (DeBERTa: He et al. 2020, arXiv:2006.03654,
  /// equations 2 to 4): (Qᵢ · Kⱼ + Qᵢ · Pδ + Kⱼ · Rδ) / √(d t), δ being the row of the distance i - j.
  ///
  /// Rows, heads, dropout and packing are those of `attention`. The tables P (content to position) and R (position to
  /// content) are [2 · span, h], projected as keys and as queries are; the term of a table that is nil is left out.
  ///
  /// - Parameter terms: t, how many terms the scale counts; those that are there where nil.
  public func disentangledAttention(
    query: Tensor, key: Tensor, value: Tensor, positionKey: Tensor?, positionQuery: Tensor?,
    positions: RelativePositions, terms: Int? = nil, heads: Int, offsets: [Int32], queryOffsets: [Int32]? = nil,
    mask: DropoutMask?
  ) -> Tensor {
    let tables = [positionKey, positionQuery].compactMap { $0 }
    for table in tables {
      require(
        table.shape == [2 * positions.span, query.shape[1]],
        "a table of relative positions of shape \(table.shape) for \(2 * positions.span) distances and queries of shape "
          + "\(query.shape)")
    }
    let layout = AttentionLayout(
      pass: self, query: query, key: key, value: value, heads: heads, offsets: offsets, queryOffsets: queryOffsets,
      mask: mask)
    // Made anew for the backward pass: tables laid out by distance are not worth keeping.
    func makeWork() -> DisentangledWork {
      DisentangledWork(
        layout: layout, query: query, key: key, value: value,
        toPosition: positionKey.map { PositionTerm($0, positions, layout, order: .keys, engine.pool) },
        toContent: positionQuery.map { PositionTerm($0, positions, layout, order: .queries, engine.pool) },
        factor: 1 / Float((layout.depth * (terms ?? 1 + tables.count))).squareRoot())
    }
    let work = makeWork()
    let result = result(query.shape, from: [query, key, value] + tables)
    let statistics = engine.pool.take(2 * query.shape[0] * heads)
    let scratch = engine.scratch(work.scratchCount(matrices: 1))
    engine.workers.run(pieces: layout.pieces) { piece, worker in
      work.forward(piece, into: result.pointer, statistics: statistics.pointer, scratch: scratch[worker])
    }
    record(result) { [engine] gradient in
      let work = makeWork()
      let slots = AttentionSlots(query: query, key: key, value: value)
      let scratch = engine.scratch(work.scratchCount(matrices: 3))
      let shares = [work.toPosition, work.toContent].map { $0?.gradientRoom(engine.pool) }
      // The rows of a head share the gradients of its tables, so a piece is all of them.
      engine.workers.run(pieces: heads) { head, worker in
        for share in shares { if let share { share.clear(head: head) } }
        for row in layout.rows.indices {
          work.backward(
            layout.piece(row: row, head: head), gradient, slots: slots, toPosition: shares[0], toContent: shares[1],
            statistics: statistics.pointer, scratch: scratch[worker])
        }
      }
      for share in shares { share?.collect() }
    }
    return result
  }
}

/// Disentangled attention of a packed batch, cut in pieces of one row and one head.
private struct DisentangledWork {
  typealias Floats = UnsafeMutablePointer<Float>

  let layout: AttentionLayout
  let query: Tensor
  let key: Tensor
  let value: Tensor
  let toPosition: PositionTerm?
  let toContent: PositionTerm?
  let factor: Float

  private var width: Int { layout.width }

  /// Floats of scratch memory: so many matrices of scores, a band of distances and a mask.
  func scratchCount(matrices: Int) -> Int {
    let (queries, keys) = (layout.mostQueries, layout.longest)
    return queries * AttentionPiece.stride(keys: keys) * matrices + layout.maskCount(queries: queries, keys: keys)
      + PositionTerm.bandCount(longest: keys)
  }

  /// The end of the scratch memory, behind so many matrices and the mask.
  private func band(_ scratch: Floats, _ piece: AttentionPiece, matrices: Int) -> Floats {
    scratch + matrices * piece.count + layout.maskCount(queries: piece.queries.count, keys: piece.keys.count)
  }

  func forward(_ index: Int, into result: Floats, statistics: Floats, scratch: Floats) {
    let piece = layout.piece(index)
    scores(piece, into: scratch, band: band(scratch, piece, matrices: 1))
    Kernels.softmax(
      scratch, largest: statistics + piece.largest, inverse: statistics + piece.inverse, factor: factor,
      rows: piece.queries.count, columns: piece.keys.count, stride: piece.stride)
    if let mask = layout.mask {
      let halves = layout.drawMask(mask, piece, scratch + piece.count)
      Kernels.dropout(scratch, scratch, halves, mask, piece.count)
    }
    MatrixProduct.run(
      MatrixOperand(scratch, stride: piece.stride), MatrixOperand(value.pointer + piece.keyOffset, stride: width),
      rows: piece.queries.count, columns: layout.depth, inner: piece.keys.count,
      into: result + piece.queryOffset, stride: width)
  }

  func backward(
    _ piece: AttentionPiece, _ gradient: Floats, slots: AttentionSlots, toPosition toPositionShare: PositionShare?,
    toContent toContentShare: PositionShare?, statistics: Floats, scratch: Floats
  ) {
    let (probabilities, dropped, slopes) = (scratch, scratch + piece.count, scratch + 2 * piece.count)
    let band = band(scratch, piece, matrices: 3)
    let (queries, keys) = (piece.queries.count, piece.keys.count)
    let upstream = gradient + piece.queryOffset
    scores(piece, into: probabilities, band: band)
    Kernels.softmaxAgain(
      probabilities, largest: statistics + piece.largest, inverse: statistics + piece.inverse, factor: factor,
      rows: queries, columns: keys, stride: piece.stride)
    let halves = layout.mask.map { layout.drawMask($0, piece, scratch + 3 * piece.count) }
    if let slot = slots.value {
      var weights = probabilities
      if let mask = layout.mask, let halves {
        Kernels.dropout(dropped, probabilities, halves, mask, piece.count)
        weights = dropped
      }
      MatrixProduct.run(
        MatrixOperand(weights, stride: piece.stride, transposed: true), MatrixOperand(upstream, stride: width),
        rows: keys, columns: layout.depth, inner: queries, into: slot.pointer + piece.keyOffset, stride: width,
        beta: slot.beta)
    }
    MatrixProduct.run(
      MatrixOperand(upstream, stride: width),
      MatrixOperand(value.pointer + piece.keyOffset, stride: width, transposed: true),
      rows: queries, columns: keys, inner: layout.depth, into: slopes, stride: piece.stride)
    if let mask = layout.mask, let halves { Kernels.dropout(slopes, slopes, halves, mask, piece.count) }
    Kernels.softmaxBackward(
      slopes, probabilities: probabilities, factor: factor, rows: queries, columns: keys, stride: piece.stride)
    if let slot = slots.query {
      MatrixProduct.run(
        MatrixOperand(slopes, stride: piece.stride), MatrixOperand(key.pointer + piece.keyOffset, stride: width),
        rows: queries, columns: layout.depth, inner: keys, into: slot.pointer + piece.queryOffset, stride: width,
        beta: slot.beta)
    }
    if let slot = slots.key {
      MatrixProduct.run(
        MatrixOperand(slopes, stride: piece.stride, transposed: true),
        MatrixOperand(query.pointer + piece.queryOffset, stride: width),
        rows: keys, columns: layout.depth, inner: queries, into: slot.pointer + piece.keyOffset, stride: width,
        beta: slot.beta)
    }
    toPosition?.backward(
      slopes, piece, vectors: query.pointer + piece.queryOffset,
      vectorGradient: slots.query.map { $0.pointer + piece.queryOffset }, share: toPositionShare, band: band)
    toContent?.backward(
      slopes, piece, vectors: key.pointer + piece.keyOffset,
      vectorGradient: slots.key.map { $0.pointer + piece.keyOffset }, share: toContentShare, band: band)
  }

  /// result = Q Kᵀ and the terms of the distances, not yet scaled.
  private func scores(_ piece: AttentionPiece, into result: Floats, band: Floats) {
    MatrixProduct.run(
      MatrixOperand(query.pointer + piece.queryOffset, stride: width),
      MatrixOperand(key.pointer + piece.keyOffset, stride: width, transposed: true),
      rows: piece.queries.count, columns: piece.keys.count, inner: layout.depth, into: result, stride: piece.stride)
    toPosition?.add(to: result, piece, vectors: query.pointer + piece.queryOffset, band: band)
    toContent?.add(to: result, piece, vectors: key.pointer + piece.keyOffset, band: band)
  }
}
