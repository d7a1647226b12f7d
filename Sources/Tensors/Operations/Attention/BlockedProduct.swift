/// Small products, for OpenBLAS cut into blocks of 32 or 16 rows, or terms of the sums: it multiplies matrices of up to a
/// million multiplications without copies, which is a fifth faster.
enum BlockedProduct {
  /// - Parameter others: multiplications of one row or term.
  private static func block(_ others: Int) -> Int { 32 * others <= 1_000_000 ? 32 : 16 }

  /// Between the rows of an operand that is laid out for small products: no power of two, which would fill few sets of the
  /// cache.
  static func stride(columns: Int) -> Int { (columns + 15) / 16 * 16 + 16 }

  /// result [rows, columns] = (result +) a · b, neither being transposed.
  static func run(
    _ a: UnsafeMutablePointer<Float>, stride aStride: Int, _ b: UnsafeMutablePointer<Float>, stride bStride: Int,
    rows: Int, columns: Int, inner: Int, into result: UnsafeMutablePointer<Float>, stride: Int,
    accumulates: Bool = false, by multiplier: Multiplier
  ) {
    let block = multiplier.prefersBlocks ? block(columns * inner) : max(1, rows)
    for first in Swift.stride(from: 0, to: rows, by: block) {
      multiplier.run(
        MatrixOperand(a + first * aStride, stride: aStride), MatrixOperand(b, stride: bStride),
        rows: min(block, rows - first), columns: columns, inner: inner, into: result + first * stride, stride: stride,
        accumulates: accumulates)
    }
  }

  /// result [rows, columns] = (result +) aᵀ · b, a being [inner, rows].
  static func runTransposed(
    _ a: UnsafeMutablePointer<Float>, stride aStride: Int, _ b: UnsafeMutablePointer<Float>, stride bStride: Int,
    rows: Int, columns: Int, inner: Int, into result: UnsafeMutablePointer<Float>, stride: Int, accumulates: Bool,
    by multiplier: Multiplier
  ) {
    let block = multiplier.prefersBlocks ? block(rows * columns) : max(1, inner)
    // At least once: without terms the result is still zero, or what it was.
    for first in Swift.stride(from: 0, to: max(1, inner), by: block) {
      multiplier.run(
        MatrixOperand(a + first * aStride, stride: aStride, transposed: true),
        MatrixOperand(b + first * bStride, stride: bStride), rows: rows, columns: columns,
        inner: min(block, inner - first), into: result, stride: stride, accumulates: accumulates || first > 0)
    }
  }
}
