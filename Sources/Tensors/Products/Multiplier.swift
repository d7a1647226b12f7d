/// What one thread multiplies matrices with, and what oneDNN has compiled for it. Each thread has its own.
final class Multiplier {
  private(set) lazy var oneDNN = OneDNN()
  private var scratch: [Float] = []

  /// result [rows, columns] = a [rows, inner] · b [inner, columns], added to what is there where `accumulates`.
  func run(
    _ format: ProductFormat, _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int,
    into result: UnsafeMutablePointer<Float>, stride: Int, accumulates: Bool = false
  ) {
    guard rows > 0, columns > 0 else { return }
    switch format {
    case .brain16 where inner > 0:
      oneDNN.product(
        a, b, rows: rows, columns: columns, inner: inner, into: result, stride: stride, accumulates: accumulates)
    case .roundedHalf:
      multiplyRounded(
        a, b, rows: rows, columns: columns, inner: inner, into: result, stride: stride, accumulates: accumulates)
    default:
      MatrixProduct.run(
        a, b, rows: rows, columns: columns, inner: inner, into: result, stride: stride, beta: accumulates ? 1 : 0)
    }
  }

  /// Rounds the product to half precision before it is stored or added, as hardware that stores halves would.
  private func multiplyRounded(
    _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int,
    into result: UnsafeMutablePointer<Float>, stride: Int, accumulates: Bool
  ) {
    if scratch.count < rows * columns { scratch = Array(repeating: 0, count: rows * columns) }
    scratch.withUnsafeMutableBufferPointer { scratch in
      guard let product = scratch.baseAddress else { return }
      MatrixProduct.run(a, b, rows: rows, columns: columns, inner: inner, into: product, stride: columns)
      Kernels.roundToHalf(product, product, rows * columns)
      for row in 0..<rows {
        Kernels.scale(result + row * stride, product + row * columns, by: 1, columns, accumulates: accumulates)
      }
    }
  }
}

extension Engine {
  /// slot [rows, columns] (+)= a [rows, inner] · b [inner, columns] on all threads, cut along the longer side of the result.
  func multiply(
    _ format: ProductFormat, _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int,
    into slot: GradientSlot
  ) {
    let cutsRows = rows >= columns
    let panels = Panels.ofProduct(cutsRows ? rows : columns)
    workers.run(pieces: panels.count) { piece, worker in
      let panel = panels[piece]
      let first = panel.lowerBound
      multipliers[worker].run(
        format, cutsRows ? a.fromRow(first) : a, cutsRows ? b : b.fromColumn(first),
        rows: cutsRows ? panel.count : rows, columns: cutsRows ? columns : panel.count, inner: inner,
        into: slot.pointer + (cutsRows ? first * columns : first), stride: columns, accumulates: slot.accumulates)
    }
  }
}
