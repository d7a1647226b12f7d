import COpenBLAS

/// A row-major matrix in memory, or its transpose; `stride` elements lie between the starts of its stored rows.
struct MatrixOperand {
  enum Element: Int {
    case brain16 = 2
    case float32 = 4
  }

  let pointer: UnsafeRawPointer
  let stride: Int
  let isTransposed: Bool
  let element: Element

  init(_ pointer: UnsafeRawPointer, stride: Int, transposed: Bool = false, element: Element = .float32) {
    self.pointer = pointer
    self.stride = stride
    isTransposed = transposed
    self.element = element
  }

  /// The same matrix from row `row` of the product's left operand on.
  func fromRow(_ row: Int) -> MatrixOperand { advanced(isTransposed ? row : row * stride) }

  /// The same matrix from column `column` of the product's right operand on.
  func fromColumn(_ column: Int) -> MatrixOperand { advanced(isTransposed ? column * stride : column) }

  private func advanced(_ elements: Int) -> MatrixOperand {
    MatrixOperand(pointer + elements * element.rawValue, stride: stride, transposed: isTransposed, element: element)
  }
}

/// Matrix products of Float32 on one thread each: large ones by oneDNN where it has kernels for the processor, all others by
/// OpenBLAS, whose kernels for small matrices copy nothing.
enum MatrixProduct {
  /// Multiplications from which on oneDNN is faster, by a tenth on AVX-512; results of a few columns are never worth its
  /// copies.
  private static let large = (multiplications: 1 << 21, columns: 16)

  /// OpenBLAS with threads of its own gives other bits with two threads than with one, so it gets none; ours work on panels
  /// whose cut depends on the shape alone.
  static func useOneThread() { openblas_set_num_threads(1) }

  /// The kernels that OpenBLAS chose for this processor.
  static var kernel: String { String(cString: openblas_get_corename()) }

  /// Its version and build options.
  static var configuration: String { String(cString: openblas_get_config()) }

  /// result [rows, columns] = a [rows, inner] · b [inner, columns] + beta · result.
  static func run(
    _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int,
    into result: UnsafeMutablePointer<Float>, stride: Int, beta: Float = 0
  ) {
    guard rows > 0, columns > 0 else { return }
    if OneDNN.multipliesFloat32, columns >= large.columns, rows * columns * inner >= large.multiplications {
      OneDNN.product32(a, b, rows: rows, columns: columns, inner: inner, into: result, stride: stride, beta: beta)
      return
    }
    cblas_sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(inner), 1, a.pointer.assumingMemoryBound(to: Float.self),
      blasint(max(1, a.stride)), b.pointer.assumingMemoryBound(to: Float.self), blasint(max(1, b.stride)), beta, result,
      blasint(stride))
  }
}
