/// A cut of `0 ..< total` into pieces of nearly one size, the same for any number of threads.
struct Panels: Equatable {
  let total: Int
  let size: Int

  /// Rows or columns of one matrix product. The other operand is packed anew for each piece, so few large pieces are
  /// fastest on one thread: 512 cost 1 % of a step, 256 cost 3 %. Their number is even, to be fair to two threads.
  static func ofProduct(_ total: Int) -> Panels {
    let pieces = total < 384 ? 1 : ((total + 511) / 512 + 1) / 2 * 2
    return Panels(total, atMost: (total + pieces - 1) / pieces, multipleOf: 16)
  }

  /// Rows of elementwise work that stay in the second-level cache from one kernel to the next.
  static func ofRows(_ total: Int) -> Panels { Panels(total, atMost: 32, multipleOf: 1) }

  /// Elements of elementwise work: many enough that threads seldom meet at the counter of pieces, few enough for the cache.
  static func ofElements(_ total: Int) -> Panels { Panels(total, atMost: 8192, multipleOf: 16) }

  init(_ total: Int, atMost limit: Int, multipleOf unit: Int) {
    self.total = total
    let limit = max(1, limit)
    let pieces = max(1, (total + limit - 1) / limit)
    let even = (total + pieces - 1) / pieces
    size = max(unit, (even + unit - 1) / unit * unit)
  }

  var count: Int { (total + size - 1) / size }

  subscript(index: Int) -> Range<Int> { index * size..<min((index + 1) * size, total) }
}
