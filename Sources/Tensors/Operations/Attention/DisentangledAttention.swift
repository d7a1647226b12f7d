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
    disentangledAttention(
      query: query, key: key, value: value, positionKey: positionKey, positionQuery: positionQuery,
      positions: positions, terms: terms, heads: heads, offsets: offsets, queryOffsets: queryOffsets, mask: mask,
      savesUpTo: 256)
  }

  /// - Parameter limit: the backward pass reads the saved probabilities of rows of so many tokens, and recomputes those of
  ///   longer ones, with the same bits.
  package func disentangledAttention(
    query: Tensor, key: Tensor, value: Tensor, positionKey: Tensor?, positionQuery: Tensor?,
    positions: RelativePositions, terms: Int?, heads: Int, offsets: [Int32], queryOffsets: [Int32]?,
    mask: DropoutMask?, savesUpTo limit: Int
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
    let result = result(query.shape, from: [query, key, value] + tables)
    let saved = SavedProbabilities(layout, limit: result.needsGradient ? limit : -1, pool: engine.pool)
    // Made anew for the backward pass: tables laid out by distance are not worth keeping.
    func makeWork(scores: Bool) -> DisentangledWork {
      DisentangledWork(
        layout: layout, query: query, key: key, value: value, saved: saved,
        toPosition: positionKey.map {
          PositionTerm($0, positions, layout, order: .keys, adds: scores, engine)
        },
        toContent: positionQuery.map {
          PositionTerm($0, positions, layout, order: .queries, adds: scores, engine)
        },
        factor: 1 / Float((layout.depth * (terms ?? 1 + tables.count))).squareRoot())
    }
    let work = makeWork(scores: true)
    let statistics = engine.pool.take(2 * query.shape[0] * heads)
    let scratch = engine.scratch(work.scratchCount(matrices: 1))
    engine.workers.run(pieces: layout.pieces) { piece, worker in
      work.forward(
        piece, into: result.pointer, statistics: statistics.pointer, scratch: scratch[worker],
        by: engine.multipliers[worker])
    }
    record(result) { [engine] gradient in
      let work = makeWork(scores: !saved.holdsAll)
      let slots = AttentionSlots(query: query, key: key, value: value)
      let scratch = engine.scratch(work.scratchCount(matrices: 3))
      let shares = [work.toPosition, work.toContent].map { $0?.gradientRoom(engine.pool) }
      // The rows of a head share the gradients of its tables, so a piece is all of them.
      engine.workers.run(pieces: heads) { head, worker in
        for share in shares { if let share { share.clear(head: head) } }
        for row in layout.rows.indices {
          work.backward(
            row: row, head: head, gradient, slots: slots, shares: shares, statistics: statistics.pointer,
            scratch: scratch[worker], by: engine.multipliers[worker])
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
  let saved: SavedProbabilities
  let toPosition: PositionTerm?
  let toContent: PositionTerm?
  let factor: Float

  private var width: Int { layout.width }
  private var depth: Int { layout.depth }

  /// Floats of scratch memory: so many matrices of scores, a mask, and what one product needs.
  func scratchCount(matrices: Int) -> Int {
    let (queries, keys) = (layout.mostQueries, layout.longest)
    return queries * AttentionPiece.stride(keys: keys) * matrices + layout.maskCount(queries: queries, keys: keys)
      + max(PositionTerm.bandCount(longest: keys), depth * BlockedProduct.stride(columns: keys))
  }

  /// The end of the scratch memory, behind so many matrices and the mask: room for one product's operand.
  private func room(_ scratch: Floats, _ piece: AttentionPiece, matrices: Int) -> Floats {
    scratch + matrices * piece.count + layout.maskCount(queries: piece.queries.count, keys: piece.keys.count)
  }

  func forward(
    _ index: Int, into result: Floats, statistics: Floats, scratch: Floats, by multiplier: Multiplier
  ) {
    let piece = layout.piece(index)
    let probabilities = saved.pointer(index, of: piece) ?? scratch
    scores(piece, into: probabilities, room: room(scratch, piece, matrices: 1), multiplier)
    Kernels.softmax(
      probabilities, largest: statistics + piece.largest, inverse: statistics + piece.inverse, factor: factor,
      rows: piece.queries.count, columns: piece.keys.count, stride: piece.stride)
    var weights = probabilities
    if let mask = layout.mask {
      let halves = layout.drawMask(mask, piece, scratch + piece.count)
      Kernels.dropout(scratch, probabilities, halves, mask, piece.count)
      weights = scratch
    }
    BlockedProduct.run(
      weights, stride: piece.stride, value.pointer + piece.keyOffset, stride: width, rows: piece.queries.count,
      columns: depth, inner: piece.keys.count, into: result + piece.queryOffset, stride: width, by: multiplier)
  }

  func backward(
    row: Int, head: Int, _ gradient: Floats, slots: AttentionSlots, shares: [PositionShare?], statistics: Floats,
    scratch: Floats, by multiplier: Multiplier
  ) {
    let piece = layout.piece(row: row, head: head)
    let (dropped, slopes) = (scratch + piece.count, scratch + 2 * piece.count)
    let (queries, keys) = (piece.queries.count, piece.keys.count)
    let room = room(scratch, piece, matrices: 3)
    let upstream = gradient + piece.queryOffset
    var probabilities = scratch
    if let kept = saved.pointer(row * layout.heads + head, of: piece) {
      probabilities = kept
    } else {
      scores(piece, into: probabilities, room: room, multiplier)
      Kernels.softmaxAgain(
        probabilities, largest: statistics + piece.largest, inverse: statistics + piece.inverse, factor: factor,
        rows: queries, columns: keys, stride: piece.stride)
    }
    let halves = layout.mask.map { layout.drawMask($0, piece, scratch + 3 * piece.count) }
    if let slot = slots.value {
      var weights = probabilities
      if let mask = layout.mask, let halves {
        Kernels.dropout(dropped, probabilities, halves, mask, piece.count)
        weights = dropped
      }
      BlockedProduct.runTransposed(
        weights, stride: piece.stride, upstream, stride: width, rows: keys, columns: depth, inner: queries,
        into: slot.pointer + piece.keyOffset, stride: width,
        accumulates: slot.accumulates, by: multiplier)
    }
    productWithKeys(upstream, value, piece, into: slopes, room: room, multiplier)
    if let mask = layout.mask, let halves { Kernels.dropout(slopes, slopes, halves, mask, piece.count) }
    Kernels.softmaxBackward(
      slopes, probabilities: probabilities, factor: factor, rows: queries, columns: keys, stride: piece.stride)
    handOn(slopes, piece, slots: slots, shares: shares, room: room, multiplier)
  }

  /// Gives the gradient of the scores to queries, keys and tables.
  private func handOn(
    _ slopes: Floats, _ piece: AttentionPiece, slots: AttentionSlots, shares: [PositionShare?], room: Floats,
    _ multiplier: Multiplier
  ) {
    let (queries, keys) = (query.pointer + piece.queryOffset, key.pointer + piece.keyOffset)
    if let slot = slots.query {
      BlockedProduct.run(
        slopes, stride: piece.stride, keys, stride: width, rows: piece.queries.count, columns: depth,
        inner: piece.keys.count, into: slot.pointer + piece.queryOffset, stride: width,
        accumulates: slot.accumulates, by: multiplier)
    }
    if let slot = slots.key {
      BlockedProduct.runTransposed(
        slopes, stride: piece.stride, queries, stride: width, rows: piece.keys.count, columns: depth,
        inner: piece.queries.count, into: slot.pointer + piece.keyOffset, stride: width,
        accumulates: slot.accumulates, by: multiplier)
    }
    toPosition?.backward(
      slopes, piece, vectors: queries, vectorGradient: slots.query.map { $0.pointer + piece.queryOffset },
      share: shares[0], band: room, by: multiplier)
    toContent?.backward(
      slopes, piece, vectors: keys, vectorGradient: slots.key.map { $0.pointer + piece.keyOffset },
      share: shares[1], band: room, by: multiplier)
  }

  /// result = Q Kᵀ and the terms of the distances, not yet scaled.
  private func scores(_ piece: AttentionPiece, into result: Floats, room: Floats, _ multiplier: Multiplier) {
    productWithKeys(query.pointer + piece.queryOffset, key, piece, into: result, room: room, multiplier)
    toPosition?.add(to: result, piece, vectors: query.pointer + piece.queryOffset, band: room, by: multiplier)
    toContent?.add(to: result, piece, vectors: key.pointer + piece.keyOffset, band: room, by: multiplier)
  }

  /// result [queries, keys] = vectors [queries, d] · othersᵀ, the others being one head of [n, h].
  private func productWithKeys(
    _ vectors: Floats, _ others: Tensor, _ piece: AttentionPiece, into result: Floats, room: Floats,
    _ multiplier: Multiplier
  ) {
    let keys = piece.keys.count
    Kernels.addTransposed(
      room, stride: BlockedProduct.stride(columns: keys), others.pointer + piece.keyOffset, stride: width, rows: depth,
      columns: keys,
      accumulates: false)
    BlockedProduct.run(
      vectors, stride: width, room, stride: BlockedProduct.stride(columns: keys), rows: piece.queries.count,
      columns: keys,
      inner: depth, into: result, stride: piece.stride, by: multiplier)
  }
}
