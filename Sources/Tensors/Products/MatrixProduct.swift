/// A row-major matrix in memory, or its transpose; `stride` elements lie between the starts of its stored rows.
package struct MatrixOperand {
  package enum Element: Int {
    case brain16 = 2
    case float32 = 4
  }

  let pointer: UnsafeRawPointer
  let stride: Int
  let isTransposed: Bool
  let element: Element

  package init(_ pointer: UnsafeRawPointer, stride: Int, transposed: Bool = false, element: Element = .float32) {
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

  /// The library, without which nothing is computed.
  private static let library: OpenBLAS = {
    switch OpenBLAS.loaded {
    case .success(let library): return library
    case .failure(let absence):
      Shortage.ofLibrary(
        "OpenBLAS", absence.words, package: "libopenblas0-pthread, or OpenBLAS as your system calls it")
    }
  }()

  /// Makes sure that several threads can multiply at once.
  /// - Returns: how many can: fewer, but at least one, where memory is short.
  @discardableResult
  static func makeRoom(threads: Int) -> Int {
    let possible = library.makeRoom(threads: threads)
    if possible == 0 { Shortage.ofMemory(OpenBLAS.room, for: "matrix products") }
    if possible < threads { Shortage.warn(threads: possible, of: threads) }
    return possible
  }

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
    library.multiply(
      OpenBLAS.rowMajor, a.isTransposed ? OpenBLAS.transposed : OpenBLAS.plain,
      b.isTransposed ? OpenBLAS.transposed : OpenBLAS.plain, CInt(rows), CInt(columns), CInt(inner), 1,
      a.pointer.assumingMemoryBound(to: Float.self), CInt(max(1, a.stride)),
      b.pointer.assumingMemoryBound(to: Float.self), CInt(max(1, b.stride)), beta, result, CInt(stride))
  }
}
