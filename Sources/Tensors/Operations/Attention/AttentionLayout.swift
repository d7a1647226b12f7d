/// Where the rows and heads of packed queries, keys and values lie, and the masks of their probabilities.
struct AttentionLayout {
  typealias Floats = UnsafeMutablePointer<Float>

  let heads: Int
  let offsets: [Int32]
  let queryOffsets: [Int32]
  let mask: DropoutMask?
  /// Positions in the global batch.
  let rows: [Int32]
  /// Columns of all heads.
  let width: Int
  /// Columns of one head.
  let depth: Int
  /// Tokens of the longest row.
  let longest: Int
  let mostQueries: Int

  init(
    pass: Pass, query: Tensor, key: Tensor, value: Tensor, heads: Int, offsets: [Int32], queryOffsets: [Int32]?,
    mask: DropoutMask?
  ) {
    require(
      query.shape.rank == 2 && key.shape == value.shape && key.shape.rank == 2 && query.shape[1] == key.shape[1]
        && query.shape[1].isMultiple(of: heads),
      "attention of \(heads) heads cannot take shapes \(query.shape), \(key.shape), \(value.shape)")
    let queryOffsets = queryOffsets ?? offsets
    for (offsets, shape) in [(offsets, key.shape), (queryOffsets, query.shape)] {
      require(
        offsets.count == pass.rows.count + 1 && offsets.first == 0 && offsets.last.map(Int.init) == shape[0],
        "attention over \(pass.rows.count) rows and \(shape[0]) tokens cannot have the offsets \(offsets)")
    }
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

  /// Of each row and head.
  var pieces: Int { rows.count * heads }

  /// Rows of the batch are apart by so many pieces.
  func piece(_ index: Int) -> AttentionPiece { piece(row: index / heads, head: index % heads) }

  func piece(row: Int, head: Int) -> AttentionPiece {
    let keys = Int(offsets[row])..<Int(offsets[row + 1])
    let queries = Int(queryOffsets[row])..<Int(queryOffsets[row + 1])
    require(queries.count <= keys.count, "\(queries.count) queries of a row of \(keys.count) tokens")
    let statistics = 2 * (queries.lowerBound * heads + head * queries.count)
    return AttentionPiece(
      queries: 0..<queries.count, keys: 0..<keys.count, row: UInt32(bitPattern: rows[row]), head: UInt32(head),
      queryOffset: queries.lowerBound * width + head * depth, keyOffset: keys.lowerBound * width + head * depth,
      largest: statistics, inverse: statistics + queries.count)
  }

  /// A part of a piece.
  func block(_ piece: AttentionPiece, queries: Range<Int>, keys: Range<Int>) -> AttentionPiece {
    AttentionPiece(
      queries: queries, keys: keys, row: piece.row, head: piece.head,
      queryOffset: piece.queryOffset + queries.lowerBound * width, keyOffset: piece.keyOffset + keys.lowerBound * width,
      largest: piece.largest + queries.lowerBound, inverse: piece.inverse + queries.lowerBound)
  }

  /// Floats of scratch memory for the random numbers and the coordinates of a mask over so many scores.
  func maskCount(queries: Int, keys: Int) -> Int {
    mask == nil ? 0 : (queries * AttentionPiece.stride(keys: keys) + 1) / 2 + 2 * queries
  }

  /// The random numbers of a piece's probabilities: row of the batch, outer head << 16 | query, inner key.
  func drawMask(_ mask: DropoutMask, _ piece: AttentionPiece, _ scratch: Floats) -> UnsafePointer<UInt16> {
    let rowIDs = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt32.self)
    let outers = rowIDs + piece.queries.count
    for (index, query) in piece.queries.enumerated() {
      rowIDs[index] = piece.row
      outers[index] = piece.head << 16 | UInt32(query)
    }
    let halves = UnsafeMutableRawPointer(outers + piece.queries.count).assumingMemoryBound(to: UInt16.self)
    Kernels.randomHalves(
      halves, rows: rowIDs, outers: outers, count: piece.queries.count, first: piece.keys.lowerBound,
      columns: piece.keys.count, key: mask.stream.key)
    return UnsafePointer(halves)
  }
}

/// Some queries and some keys of one row and one head.
struct AttentionPiece {
  /// Counted from the first of the row.
  let queries: Range<Int>
  /// Counted from the first of the row; they begin at a multiple of 8.
  let keys: Range<Int>
  let row: UInt32
  let head: UInt32
  /// Of the first query's first column.
  let queryOffset: Int
  /// Of the first key's first column.
  let keyOffset: Int
  /// Of the largest score of the first query, among the statistics.
  let largest: Int
  /// Of the inverse sum of the first query, among the statistics.
  let inverse: Int

  /// Between the rows of scores.
  var stride: Int { Self.stride(keys: keys.count) }
  var count: Int { queries.count * stride }

  static func stride(keys: Int) -> Int { (keys + 7) / 8 * 8 }
}

/// Where the gradients of attention go; nil where none is needed.
struct AttentionSlots {
  let query: GradientSlot?
  let key: GradientSlot?
  let value: GradientSlot?

  init(query: Tensor, key: Tensor, value: Tensor) {
    // In the order of use: the three may be one tensor, and its first contribution overwrites.
    self.value = value.needsGradient ? value.gradientSlot() : nil
    self.query = query.needsGradient ? query.gradientSlot() : nil
    self.key = key.needsGradient ? key.gradientSlot() : nil
  }
}
