import COpenBLAS

/// A row-major matrix in memory, or its transpose; `stride` elements lie between the starts of its stored rows.
struct MatrixOperand {
  let pointer: UnsafePointer<Float>
  let stride: Int
  let isTransposed: Bool

  init(_ pointer: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.pointer = pointer
    self.stride = stride
    isTransposed = transposed
  }

  /// The same matrix from row `row` of the product's left operand on.
  func fromRow(_ row: Int) -> MatrixOperand {
    MatrixOperand(pointer + (isTransposed ? row : row * stride), stride: stride, transposed: isTransposed)
  }

  /// The same matrix from column `column` of the product's right operand on.
  func fromColumn(_ column: Int) -> MatrixOperand {
    MatrixOperand(pointer + (isTransposed ? column * stride : column), stride: stride, transposed: isTransposed)
  }
}

/// Matrix products by OpenBLAS on one thread each.
enum MatrixProduct {
  /// OpenBLAS with threads of its own gives other bits with two threads than with one, so it gets none; ours work on panels
  /// whose cut depends on the shape alone.
  static func useOneThread() { openblas_set_num_threads(1) }

  /// result [rows, columns] = a [rows, inner] · b [inner, columns] + beta · result.
  static func run(
    _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int,
    into result: UnsafeMutablePointer<Float>, stride: Int, beta: Float = 0
  ) {
    guard rows > 0, columns > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(inner), 1, a.pointer, blasint(max(1, a.stride)), b.pointer,
      blasint(max(1, b.stride)), beta, result, blasint(stride))
  }

  /// The same on all threads, cut along the longer side of the result.
  static func run(
    _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int, into slot: GradientSlot,
    workers: Workers
  ) {
    let cutsRows = rows >= columns
    let panels = Panels.ofProduct(cutsRows ? rows : columns)
    workers.run(pieces: panels.count) { piece in
      let panel = panels[piece]
      if cutsRows {
        run(
          a.fromRow(panel.lowerBound), b, rows: panel.count, columns: columns, inner: inner,
          into: slot.pointer + panel.lowerBound * columns, stride: columns, beta: slot.beta)
      } else {
        run(
          a, b.fromColumn(panel.lowerBound), rows: rows, columns: panel.count, inner: inner,
          into: slot.pointer + panel.lowerBound, stride: columns, beta: slot.beta)
      }
    }
  }
}
