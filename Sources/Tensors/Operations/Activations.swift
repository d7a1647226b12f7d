extension Pass {
  /// The exact (erf) GELU, x · Φ(x), element by element.
  public func gelu(_ input: Tensor) -> Tensor {
    elementwise(input, Kernels.gelu, backward: Kernels.geluBackward, reads: .input)
  }

  /// max(x, 0), element by element; the derivative at 0 is 0.
  public func relu(_ input: Tensor) -> Tensor {
    elementwise(input, Kernels.relu, backward: Kernels.reluBackward, reads: .result)
  }

  /// The hyperbolic tangent, element by element.
  public func tanh(_ input: Tensor) -> Tensor {
    elementwise(input, Kernels.tanh, backward: Kernels.tanhBackward, reads: .result)
  }

  /// What a derivative is a function of.
  private enum Argument { case input, result }

  private func elementwise(
    _ input: Tensor, _ forward: (_ result: Kernels.Floats, _ x: Kernels.Floats, _ count: Int) -> Void,
    backward: @escaping (GradientSlot, _ offset: Int, _ upstream: Kernels.Floats, Kernels.Floats, _ count: Int) -> Void,
    reads argument: Argument
  ) -> Tensor {
    let result = result(input.shape, from: [input])
    engine.forEachElements(input.count) { range in
      forward(result.pointer + range.lowerBound, input.pointer + range.lowerBound, range.count)
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
