/// One square matrix product, large enough to reach the processor's speed.
package final class LargeProduct {
  private static let size = 1024
  /// Floating-point operations of a run.
  package static var operations: Double { 2 * Double(size * size * size) }

  private let engine = Engine()
  private let format: ProductFormat
  private let values: Buffer
  private let rounded: Buffer?
  private let result: Buffer

  package init(precision: Precision) {
    let count = Self.size * Self.size
    format = engine.format(of: precision)
    values = engine.pool.take(count)
    result = engine.pool.take(count)
    rounded = format.room(count, in: engine.pool)
    for index in 0..<count { values.pointer[index] = Float(index % 17 - 8) / 64 }
    format.round(values.pointer, into: rounded, at: 0..<count)
  }

  package func run() {
    let operand = format.operand(values.pointer, rounded, stride: Self.size)
    engine.multipliers[0].run(
      format, operand, operand, rows: Self.size, columns: Self.size, inner: Self.size, into: result.pointer,
      stride: Self.size)
  }
}
