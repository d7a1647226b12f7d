import CKernels

/// The vectorised loops over tokens and over matrices of token pairs.
extension Kernels {
  /// One token's heads, turned forth or back: result (+)= the turned heads.
  static func rotate(
    _ result: Floats, _ x: Floats, table: Floats, back: Bool, heads: Int, depth: Int, neighbours: Bool,
    accumulates: Bool
  ) {
    kernel_rotate(result, x, table, back ? -1 : 1, heads, depth, neighbours ? 1 : 0, accumulates ? 1 : 0)
  }

  /// The largest value of each column of at least one row, and the row where it stands first.
  static func largestOfColumns(
    _ y: Floats, places: UnsafeMutablePointer<Int32>, _ x: Floats, rows: Int, columns: Int
  ) {
    kernel_largest_of_columns(y, places, x, rows, columns)
  }

  /// result [rows, columns] (+)= x, both with a stride of their own.
  static func addMatrix(
    _ result: Floats, stride: Int, _ x: Floats, stride xStride: Int, rows: Int, columns: Int, accumulates: Bool = true
  ) {
    kernel_add_matrix(result, stride, x, xStride, rows, columns, accumulates ? 1 : 0)
  }

  /// result [rows, columns] (+)= xᵀ, both with a stride of their own.
  static func addTransposed(
    _ result: Floats, stride: Int, _ x: Floats, stride xStride: Int, rows: Int, columns: Int, accumulates: Bool = true
  ) {
    kernel_add_transposed(result, stride, x, xStride, rows, columns, accumulates ? 1 : 0)
  }
}
