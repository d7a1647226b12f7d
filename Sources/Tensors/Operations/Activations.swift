extension Pass {
  /// An activation, element by element.
  public func activation(_ input: Tensor, _ activation: Activation) -> Tensor {
    switch activation {
    case .relu: return elementwise(input, .relu, backward: Kernels.reluBackward, reads: .result)
    case .tanh: return elementwise(input, .tanh, backward: Kernels.tanhBackward, reads: .result)
    case .gelu, .geluTanh, .silu:
      return elementwise(
        input, activation,
        backward: { slot, offset, upstream, x, count in
          Kernels.activationBackward(activation, slot, offset: offset, upstream, x: x, count)
        }, reads: .input)
    }
  }

  /// The exact (erf) GELU, x · Φ(x), element by element.
  public func gelu(_ input: Tensor) -> Tensor { activation(input, .gelu) }

  /// max(x, 0), element by element; the derivative at 0 is 0.
  public func relu(_ input: Tensor) -> Tensor { activation(input, .relu) }

  /// The hyperbolic tangent, element by element.
  public func tanh(_ input: Tensor) -> Tensor { activation(input, .tanh) }

  /// What a derivative is a function of.
  private enum Argument { case input, result }

  private func elementwise(
    _ input: Tensor, _ activation: Activation,
    backward: @escaping (GradientSlot, _ offset: Int, _ upstream: Kernels.Floats, Kernels.Floats, _ count: Int) -> Void,
    reads argument: Argument
  ) -> Tensor {
    let result = result(input.shape, from: [input])
    engine.forEachElements(input.count) { range in
      Kernels.activation(
        activation, result.pointer + range.lowerBound, input.pointer + range.lowerBound, range.count)
    }
    record(result) { [engine] gradient in
      let slot = input.gradientSlot()
      let values = argument == .input ? input.pointer : result.pointer
      engine.forEachElements(input.count) { range in
        backward(slot, range.lowerBound, gradient + range.lowerBound, values + range.lowerBound, range.count)
      }
    }
    return result
  }
}
