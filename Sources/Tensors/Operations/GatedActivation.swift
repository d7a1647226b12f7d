extension Pass {
  /// An activation of the first half of each row, times the second half: [n, 2 m] becomes [n, m] (Shazeer 2020,
  /// arXiv:2002.05202; with GELU it is GeGLU).
  ///
  /// The input stays for the backward pass, and what reads the result there recomputes it.
  public func gatedActivation(_ input: Tensor, _ activation: Activation) -> Tensor {
    require(
      input.shape.rank == 2 && input.shape[1].isMultiple(of: 2),
      "a gated activation takes rows of two halves, not shape \(input.shape)")
    let gate = Gate(activation: activation, input: input)
    let result = result([input.shape[0], gate.half], from: [input])
    engine.workers.run(pieces: gate.panels.count) { piece in
      gate.forward(gate.panels[piece], into: result.pointer + gate.panels[piece].lowerBound * gate.half)
    }
    result.isRemade(by: gate.remaking)
    record(result) { [engine] gradient in
      let slot = input.gradientSlot()
      let scratch = engine.scratch(3 * gate.half)
      engine.workers.run(pieces: gate.panels.count) { piece, worker in
        gate.backward(gate.panels[piece], gradient, to: slot, scratch: scratch[worker])
      }
    }
    return result
  }
}

/// A matrix of rows of two halves.
private struct Gate {
  typealias Floats = UnsafeMutablePointer<Float>

  let activation: Activation
  let input: Tensor

  var half: Int { input.shape[1] / 2 }
  var panels: Panels { .ofRows(input.shape[0]) }

  /// How the result is taken again, some rows at a time.
  var remaking: RememberedValues.Remaking {
    let pieces = Panels(panels.total * half, atMost: panels.size * half, multipleOf: max(1, half))
    return RememberedValues.Remaking(pieces: pieces) { elements, values in
      guard half > 0 else { return }
      forward(elements.lowerBound / half..<elements.upperBound / half, into: values)
    }
  }

  /// `result` is the first of the given rows.
  func forward(_ rows: Range<Int>, into result: Floats) {
    for row in rows {
      let (first, values) = (input.pointer + row * 2 * half, result + (row - rows.lowerBound) * half)
      Kernels.activation(activation, values, first, half)
      Kernels.multiply(values, values, first + half, half)
    }
  }

  func backward(_ rows: Range<Int>, _ gradient: Floats, to slot: GradientSlot, scratch: Floats) {
    let (values, slopes, share) = (scratch, scratch + half, scratch + 2 * half)
    for row in rows {
      let (first, upstream) = (input.pointer + row * 2 * half, gradient + row * half)
      let target = slot.pointer + row * 2 * half
      slopes.update(from: first, count: half)
      Kernels.activationAndSlope(activation, values, slopes, half)
      Kernels.multiply(share, upstream, first + half, half)
      Kernels.multiply(share, share, slopes, half)
      Kernels.scale(target, share, by: 1, half, accumulates: slot.accumulates)
      Kernels.multiply(share, upstream, values, half)
      Kernels.scale(target + half, share, by: 1, half, accumulates: slot.accumulates)
    }
  }
}
