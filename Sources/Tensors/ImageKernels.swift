import CKernels

/// The vectorised loops over images stored channels last, [images, height, width, channels].
extension Kernels {
  static func addSquaredDeviations(_ squares: Floats, _ x: Floats, mean: Floats, rows: Int, channels: Int) {
    kernel_add_squared_deviations(squares, x, mean, rows, channels)
  }

  static func addDeviationProducts(
    sums: Floats, products: Floats, _ upstream: Floats, _ x: Floats, mean: Floats, rows: Int, channels: Int
  ) {
    kernel_add_deviation_products(sums, products, upstream, x, mean, rows, channels)
  }

  /// y = a · x + b, channel by channel.
  static func channelAffine(
    _ y: Floats, _ x: Floats, a: UnsafePointer<Float>, b: UnsafePointer<Float>, rows: Int, channels: Int
  ) {
    kernel_channel_affine(y, x, a, b, rows, channels)
  }

  /// gradient (+)= a · upstream + b · x + c, channel by channel.
  static func channelAffinePair(
    _ gradient: Floats, _ upstream: Floats, _ x: Floats, a: UnsafePointer<Float>, b: UnsafePointer<Float>,
    c: UnsafePointer<Float>, rows: Int, channels: Int, accumulates: Bool
  ) {
    kernel_channel_affine_pair(gradient, upstream, x, a, b, c, rows, channels, accumulates ? 1 : 0)
  }

  /// Of one image.
  static func maxPool(_ y: Floats, _ x: Floats, height: Int, width: Int, channels: Int) {
    kernel_max_pool(y, x, height, width, channels)
  }

  /// Of one image; adds to what is there.
  static func maxPoolBackward(
    _ gradient: Floats, _ upstream: Floats, _ x: Floats, height: Int, width: Int, channels: Int
  ) {
    kernel_max_pool_backward(gradient, upstream, x, height, width, channels)
  }

  /// gradient [rows, channels] (+)= factor · upstream [channels].
  static func spreadRows(
    _ gradient: Floats, _ upstream: Floats, by factor: Float, rows: Int, channels: Int, accumulates: Bool
  ) {
    kernel_spread_rows(gradient, upstream, factor, rows, channels, accumulates ? 1 : 0)
  }
}
