/// What one thread multiplies matrices with: scratch memory, and what oneDNN has compiled for it. Each thread has its own.
final class Multiplier {
  typealias Floats = UnsafeMutablePointer<Float>

  private(set) lazy var oneDNN = OneDNN()
  private let portable: PortableProduct?
  private var scratch: [Float] = []

  init(numerics: Numerics, units: VectorUnits) {
    portable = numerics == .portable ? PortableProduct(units: units) : nil
  }

  /// result [rows, columns] = a [rows, inner] · b [inner, columns], added to what is there where `accumulates`.
  /// - Parameters:
  ///   - packed: b once more, as the engine has packed it; nil where it has not.
  ///   - bias: is added to each row, behind the product and before the result is rounded; nil for none.
  func run(
    _ format: ProductFormat, _ a: MatrixOperand, _ b: MatrixOperand, packed: Buffer? = nil, rows: Int, columns: Int,
    inner: Int, into result: Floats, stride: Int, accumulates: Bool = false, bias: Floats? = nil
  ) {
    guard rows > 0, columns > 0 else { return }
    if format == .roundedHalf {
      multiplyRounded(
        a, b, packed, rows: rows, columns: columns, inner: inner, into: result, stride: stride,
        accumulates: accumulates)
    } else if let portable {
      portable.run(
        a, b, packed: packed?.pointer, rows: rows, columns: columns, inner: inner, into: result, stride: stride,
        accumulates: accumulates, bias: bias)
      return
    } else if format == .brain16, inner > 0 {
      oneDNN.product(
        a, b, rows: rows, columns: columns, inner: inner, into: result, stride: stride, accumulates: accumulates)
    } else {
      MatrixProduct.run(
        a, b, rows: rows, columns: columns, inner: inner, into: result, stride: stride, beta: accumulates ? 1 : 0)
    }
    guard let bias else { return }
    for row in 0..<rows { Kernels.addBias(result + row * stride, bias, rows: 1, columns: columns) }
  }

  /// The same of small Float32 matrices.
  func run(
    _ a: MatrixOperand, _ b: MatrixOperand, rows: Int, columns: Int, inner: Int, into result: Floats, stride: Int,
    accumulates: Bool = false
  ) {
    run(
      .float32, a, b, rows: rows, columns: columns, inner: inner, into: result, stride: stride,
      accumulates: accumulates)
  }

  /// Whether products of blocks of rows or terms are faster than whole ones.
  var prefersBlocks: Bool { portable == nil }

  /// Rounds the product to half precision before it is stored or added, as hardware that stores halves would.
  private func multiplyRounded(
    _ a: MatrixOperand, _ b: MatrixOperand, _ packed: Buffer?, rows: Int, columns: Int, inner: Int,
    into result: Floats, stride: Int, accumulates: Bool
  ) {
    if scratch.count < rows * columns { scratch = Array(repeating: 0, count: rows * columns) }
    scratch.withUnsafeMutableBufferPointer { scratch in
      guard let product = scratch.baseAddress else { return }
      run(
        .float32, a, b, packed: packed, rows: rows, columns: columns, inner: inner, into: product, stride: columns)
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

  /// A right operand [inner, columns] in the order in which portable products read it, for many rows; nil where `rows` are
  /// too few, and for libraries, which copy their operands themselves.
  func packed(_ b: MatrixOperand, columns: Int, inner: Int, rows: Int) -> Buffer? {
    guard numerics == .portable, b.isTransposed || rows > 32 else { return nil }
    let result = pool.take(PortableProduct.packedCount(b, columns: columns, inner: inner, units: units))
    let panels = Panels(columns, atMost: 2 * PortableProduct.columnUnit, multipleOf: PortableProduct.columnUnit)
    workers.run(pieces: panels.count) { piece in
      PortableProduct.pack(
        b, columns: columns, inner: inner, panel: panels[piece], into: result.pointer, units: units)
    }
    return result
  }
}
