import CKernels

/// The loops of each activation.
extension Kernels {
  static func activation(_ activation: Activation, _ result: Floats, _ x: Floats, _ count: Int) {
    switch activation {
    case .gelu: kernel_gelu(result, x, count)
    case .geluTanh: kernel_gelu_tanh(result, x, count)
    case .relu: kernel_relu(result, x, count)
    case .silu: kernel_silu(result, x, count)
    case .tanh: kernel_tanh(result, x, count)
    }
  }

  /// The activation of x, whose place its slope takes.
  static func activationAndSlope(_ activation: Activation, _ result: Floats, _ x: Floats, _ count: Int) {
    switch activation {
    case .gelu: kernel_gelu_and_slope(result, x, count)
    case .geluTanh: kernel_gelu_tanh_and_slope(result, x, count)
    case .relu: kernel_relu_and_slope(result, x, count)
    case .silu: kernel_silu_and_slope(result, x, count)
    case .tanh: kernel_tanh_and_slope(result, x, count)
    }
  }

  /// slot (+)= upstream · slope(x); upstream may be the slot itself.
  static func activationBackward(
    _ activation: Activation, _ slot: GradientSlot, offset: Int, _ upstream: Floats, x: Floats, _ count: Int
  ) {
    let (gradient, accumulates) = (slot.pointer + offset, CInt(slot.accumulates ? 1 : 0))
    switch activation {
    case .gelu: kernel_gelu_backward(gradient, upstream, x, count, accumulates)
    case .geluTanh: kernel_gelu_tanh_backward(gradient, upstream, x, count, accumulates)
    case .relu: kernel_relu_backward(gradient, upstream, x, count, accumulates)
    case .silu: kernel_silu_backward(gradient, upstream, x, count, accumulates)
    case .tanh: kernel_tanh_slope_backward(gradient, upstream, x, count, accumulates)
    }
  }
}
