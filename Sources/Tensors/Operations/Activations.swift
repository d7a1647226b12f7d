extension Pass {
  /// The exact (erf) GELU, x · Φ(x), element by element.
  public func gelu(_ input: Tensor) -> Tensor {
    let result = result(input.shape, from: [input])
    engine.forEachElements(input.count) { range in
      Kernels.gelu(result.pointer + range.lowerBound, input.pointer + range.lowerBound, range.count)
    }
    record(result) { [engine] gradient in
      let slot = input.gradientSlot()
      engine.forEachElements(input.count) { range in
        Kernels.geluBackward(
          slot, offset: range.lowerBound, gradient + range.lowerBound, x: input.pointer + range.lowerBound, range.count)
      }
    }
    return result
  }

  /// max(x, 0), element by element; the derivative at 0 is 0.
  public func relu(_ input: Tensor) -> Tensor {
    let result = result(input.shape, from: [input])
    engine.forEachElements(input.count) { range in
      Kernels.relu(result.pointer + range.lowerBound, input.pointer + range.lowerBound, range.count)
    }
    record(result) { [engine] gradient in
      let slot = input.gradientSlot()
      engine.forEachElements(input.count) { range in
        Kernels.reluBackward(
          slot, offset: range.lowerBound, gradient + range.lowerBound, y: result.pointer + range.lowerBound, range.count
        )
      }
    }
    return result
  }

  /// The hyperbolic tangent, element by element.
  public func tanh(_ input: Tensor) -> Tensor {
    let result = result(input.shape, from: [input])
    engine.forEachElements(input.count) { range in
      Kernels.tanh(result.pointer + range.lowerBound, input.pointer + range.lowerBound, range.count)
    }
    record(result) { [engine] gradient in
      let slot = input.gradientSlot()
      engine.forEachElements(input.count) { range in
        Kernels.tanhBackward(
          slot, offset: range.lowerBound, gradient + range.lowerBound, y: result.pointer + range.lowerBound, range.count
        )
      }
    }
    return result
  }
}
