import CProducts

/// Matrix products of which each element is one chain of fused multiply-adds, so that its bits depend on the numbers alone.
/// Nothing else imports CProducts.
package final class PortableProduct {
  package typealias Floats = UnsafeMutablePointer<Float>

  private let units: VectorUnits
  private let scratch = UnsafeMutableRawPointer.allocate(
    byteCount: PRODUCT_SCRATCH * MemoryLayout<Float>.size, alignment: 4096)

  package init(units: VectorUnits) {
    require(Self.has(units), "this processor has no vectors of the kind \(units)")
    self.units = units
  }

  deinit { scratch.deallocate() }

  /// Whether this processor has such vectors.
  static func has(_ units: VectorUnits) -> Bool { product_has_units(units.rawValue) != 0 }

  /// result (+)= a · b (+ bias), of operands of one element.
  /// - Parameters:
  ///   - packed: the right operand as `pack` has left it; nil where there is none.
  ///   - bias: added to each row at the end of the chains.
  package func run(
    _ a: MatrixOperand, _ b: MatrixOperand, packed: Floats? = nil, rows: Int, columns: Int, inner: Int,
    into result: Floats, stride: Int, accumulates: Bool, bias: Floats? = nil
  ) {
    var product = product(
      units: units.rawValue, element: Self.element(a), rows: rows, columns: columns, depth: inner, a: Self.matrix(a),
      b: Self.matrix(b), packed: packed, first_column: 0, end_column: columns, c: result, c_stride: stride,
      accumulates: accumulates ? 1 : 0, bias: bias)
    product_multiply(&product, scratch.assumingMemoryBound(to: Float.self))
  }

  // MARK: Packed operands

  /// Panels of columns begin at multiples of it.
  package static var columnUnit: Int { PRODUCT_COLUMNS }

  /// Floats of a packed right operand [inner, columns].
  package static func packedCount(_ b: MatrixOperand, columns: Int, inner: Int, units: VectorUnits) -> Int {
    product_packed_count(units.rawValue, element(b), inner, columns)
  }

  /// Packs a panel of the columns of a right operand [inner, columns].
  package static func pack(
    _ b: MatrixOperand, columns: Int, inner: Int, panel: Range<Int>, into packed: Floats, units: VectorUnits
  ) {
    var matrix = matrix(b)
    product_pack(
      units.rawValue, element(b), &matrix, inner, columns, panel.lowerBound, panel.upperBound, packed)
  }

  private static func element(_ operand: MatrixOperand) -> Int32 {
    Int32((operand.element == .brain16 ? PRODUCT_BRAIN16 : PRODUCT_FLOAT32).rawValue)
  }

  private static func matrix(_ operand: MatrixOperand) -> product_matrix {
    product_matrix(values: operand.pointer, stride: operand.stride, is_transposed: operand.isTransposed ? 1 : 0)
  }
}
