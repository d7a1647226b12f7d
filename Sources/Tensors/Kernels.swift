import CKernels

/// The vectorised loops of CKernels in Swift's terms. Nothing else imports that module.
///
/// All matrices are dense and row-major; pointers need not be aligned; `accumulates` adds to what is there.
enum Kernels {
  typealias Floats = UnsafeMutablePointer<Float>

  // MARK: Element by element

  static func add(_ result: Floats, _ a: Floats, _ b: Floats, _ count: Int) { kernel_add(result, a, b, count) }

  static func multiply(_ result: Floats, _ a: Floats, _ b: Floats, _ count: Int) {
    kernel_multiply(result, a, b, count)
  }

  /// Whether every bit is zero; a negative zero is not.
  static func isZero(_ x: Floats, _ count: Int) -> Bool { kernel_is_zero(x, count) != 0 }

  static func scale(_ result: Floats, _ x: Floats, by factor: Float, _ count: Int, accumulates: Bool) {
    kernel_scale(result, x, factor, count, accumulates ? 1 : 0)
  }

  static func addBias(_ x: Floats, _ bias: Floats, rows: Int, columns: Int) { kernel_add_bias(x, bias, rows, columns) }

  static func reluBackward(_ slot: GradientSlot, offset: Int, _ upstream: Floats, y: Floats, _ count: Int) {
    kernel_relu_backward(slot.pointer + offset, upstream, y, count, slot.accumulates ? 1 : 0)
  }

  static func tanhBackward(_ slot: GradientSlot, offset: Int, _ upstream: Floats, y: Floats, _ count: Int) {
    kernel_tanh_backward(slot.pointer + offset, upstream, y, count, slot.accumulates ? 1 : 0)
  }

  // MARK: 16-bit formats

  /// x rounded to bfloat16 and stored as such.
  static func storeBrain16(_ result: UnsafeMutablePointer<UInt16>, _ x: Floats, _ count: Int) {
    kernel_store_brain16(result, x, count)
  }

  /// x rounded to bfloat16, stored as Float32.
  static func roundToBrain16(_ result: Floats, _ x: Floats, _ count: Int) { kernel_round_brain16(result, x, count) }

  /// x rounded to half precision, stored as Float32; what lies beyond 65504 becomes infinite.
  static func roundToHalf(_ result: Floats, _ x: Floats, _ count: Int) { kernel_round_half(result, x, count) }

  // MARK: Random numbers

  /// Normal values, four a block of Philox.
  static func normals(_ values: Floats, _ count: Int, key: Philox.Key) { kernel_normals(values, count, key.x, key.y) }

  /// Sixteen random bits for each element of [rows, columns rounded up to a multiple of 8], the first column being `first`,
  /// a multiple of 8.
  static func randomHalves(
    _ halves: UnsafeMutablePointer<UInt16>, rows: UnsafePointer<UInt32>, outers: UnsafePointer<UInt32>, count: Int,
    first: Int = 0, columns: Int, key: Philox.Key
  ) {
    kernel_random_halves(halves, rows, outers, count, UInt32(first / 8), columns, key.x, key.y)
  }

  // MARK: Dropout

  static func dropout(
    _ result: Floats, _ x: Floats, _ halves: UnsafePointer<UInt16>, _ mask: DropoutMask, _ count: Int,
    accumulates: Bool = false
  ) {
    kernel_dropout(result, x, halves, mask.threshold, mask.scale, count, accumulates ? 1 : 0)
  }

  static func dropoutAdd(
    _ result: Floats, residual: Floats, _ x: Floats, _ halves: UnsafePointer<UInt16>, _ mask: DropoutMask, _ count: Int
  ) {
    kernel_dropout_add(result, residual, x, halves, mask.threshold, mask.scale, count)
  }

  // MARK: Row by row

  /// `normalized` holds x on entry; `inverse` receives 1 / √(variance + epsilon) of each row.
  static func layerNorm(
    _ y: Floats, normalized: Floats, inverse: Floats, scale: Floats, shift: Floats, epsilon: Float, rows: Int,
    columns: Int
  ) {
    kernel_layer_norm(y, normalized, inverse, scale, shift, epsilon, rows, columns)
  }

  /// The end of `layerNorm` once more, from what it has left in `normalized`.
  static func scaleAndShift(_ y: Floats, normalized: Floats, scale: Floats, shift: Floats, rows: Int, columns: Int) {
    kernel_scale_and_shift(y, normalized, scale, shift, rows, columns)
  }

  static func layerNormBackward(
    _ gradient: Floats, _ upstream: Floats, normalized: Floats, inverse: Floats, scale: Floats, rows: Int, columns: Int
  ) {
    kernel_layer_norm_backward(gradient, upstream, normalized, inverse, scale, rows, columns)
  }

  static func addColumnSums(_ sums: Floats, _ x: Floats, rows: Int, columns: Int) {
    kernel_add_column_sums(sums, x, rows, columns)
  }

  static func addProductColumnSums(_ sums: Floats, _ a: Floats, _ b: Floats, rows: Int, columns: Int) {
    kernel_add_product_column_sums(sums, a, b, rows, columns)
  }

  /// softmax(factor · x) in place; each row's maximum and inverse sum allow `softmaxAgain`.
  static func softmax(
    _ x: Floats, largest: Floats, inverse: Floats, factor: Float, rows: Int, columns: Int, stride: Int
  ) {
    kernel_softmax(x, largest, inverse, factor, rows, columns, stride)
  }

  static func softmaxAgain(
    _ x: Floats, largest: Floats, inverse: Floats, factor: Float, rows: Int, columns: Int, stride: Int
  ) {
    kernel_softmax_again(x, largest, inverse, factor, rows, columns, stride)
  }

  static func softmaxBackward(
    _ gradient: Floats, probabilities: Floats, factor: Float, rows: Int, columns: Int, stride: Int
  ) {
    kernel_softmax_backward(gradient, probabilities, factor, rows, columns, stride)
  }
}
