extension Pass {
  /// y = x Wᵀ + b, with x [n, in], W [out, in], b [out]; the result is [n, out].
  public func linear(_ input: Tensor, _ weight: Parameter, _ bias: Parameter?) -> Tensor {
    let layer = LinearLayer(pass: self, input: input, weight: weight, bias: bias)
    let result = result([layer.rows, layer.outputs], from: [input], parameters: [weight] + (bias.map { [$0] } ?? []))
    layer.forward(into: result.pointer) { rows, values in
      guard let bias else { return }
      Kernels.addBias(values, bias.pointer, rows: rows.count, columns: layer.outputs)
    }
    record(result) { gradient in layer.backward(gradient) { _, _ in } }
    return result
  }

  /// GELU(x Wᵀ + b) with the exact (erf) GELU, fused: x [n, in], W [out, in], b [out]; the result is [n, out].
  public func linearGELU(_ input: Tensor, _ weight: Parameter, _ bias: Parameter) -> Tensor {
    let layer = LinearLayer(pass: self, input: input, weight: weight, bias: bias)
    let columns = layer.outputs
    let result = result([layer.rows, columns], from: [input], parameters: [weight, bias])
    let slopes = result.needsGradient ? engine.pool.take(result.count) : nil
    layer.forward(into: result.pointer) { rows, values in
      Kernels.biasGELU(
        values, bias: bias.pointer, derivative: slopes.map { $0.pointer + rows.lowerBound * columns },
        rows: rows.count, columns: columns)
    }
    record(result) { gradient in
      guard let slopes else { return }
      layer.backward(gradient) { rows, values in
        Kernels.multiply(
          values, values, slopes.pointer + rows.lowerBound * columns, rows.count * columns, accumulates: false)
      }
    }
    return result
  }
}

/// The products of a fully connected layer, with room for elementwise work on each panel of rows while it is in cache.
private struct LinearLayer {
  let engine: Engine
  let format: ProductFormat
  let input: Tensor
  let weight: Parameter
  let bias: Parameter?
  let rows: Int
  let inputs: Int
  let outputs: Int

  /// Copies of input and weight in the format of the products; nil in Float32.
  private let roundedInput: Buffer?
  private let roundedWeight: Buffer?

  init(pass: Pass, input: Tensor, weight: Parameter, bias: Parameter?) {
    precondition(
      input.shape.rank == 2 && weight.shape.rank == 2 && input.shape[1] == weight.shape[1],
      "a linear layer of weight \(weight.shape) cannot take an input of shape \(input.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "a linear layer of weight \(weight.shape) cannot have a bias of shape \(bias?.shape ?? [])")
    engine = pass.engine
    format = pass.engine.format(of: pass.precision)
    self.input = input
    self.weight = weight
    self.bias = bias
    rows = input.shape[0]
    inputs = weight.shape[1]
    outputs = weight.shape[0]
    roundedInput = format.room(input.count, in: engine.pool)
    roundedWeight = format.room(weight.count, in: engine.pool)
  }

  /// result = x Wᵀ, then `finish` on each panel of its rows.
  func forward(
    into result: UnsafeMutablePointer<Float>, finish: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    if let roundedWeight {
      engine.forEachElements(weight.count) { format.round(weight.pointer, $0, into: roundedWeight) }
    }
    let panels = Panels.ofProduct(rows)
    engine.workers.run(pieces: panels.count) { piece, worker in
      let panel = panels[piece]
      let values = result + panel.lowerBound * outputs
      format.round(input.pointer, panel.lowerBound * inputs..<panel.upperBound * inputs, into: roundedInput)
      engine.multipliers[worker].run(
        format, format.operand(input.pointer, roundedInput, stride: inputs).fromRow(panel.lowerBound),
        format.operand(weight.pointer, roundedWeight, stride: inputs, transposed: true),
        rows: panel.count, columns: outputs, inner: inputs, into: values, stride: outputs)
      finish(panel, values)
    }
  }

  /// Gives the gradient of y to x, W and b. `prepare` first turns the rows, a few at a time and in place, into the
  /// gradient before the activation.
  func backward(
    _ gradient: UnsafeMutablePointer<Float>, prepare: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let panels = Panels.ofProduct(rows)
    let inputSlot = input.needsGradient ? input.gradientSlot() : nil
    let trainedBias = bias.flatMap { $0.isFrozen ? nil : $0 }
    let sums = trainedBias.map { _ in engine.pool.take(panels.count * outputs) }
    let rounded = format.room(rows * outputs, in: engine.pool)
    engine.workers.run(pieces: panels.count) { piece, worker in
      let panel = panels[piece]
      let sum = sums.map { $0.pointer + piece * outputs }
      sum?.update(repeating: 0, count: outputs)
      // A few rows at a time, so that each step finds in cache what the one before has written.
      for first in stride(from: panel.lowerBound, to: panel.upperBound, by: 32) {
        let few = first..<min(first + 32, panel.upperBound)
        let values = gradient + first * outputs
        prepare(few, values)
        if let sum { Kernels.addColumnSums(sum, values, rows: few.count, columns: outputs) }
        format.round(gradient, few.lowerBound * outputs..<few.upperBound * outputs, into: rounded)
      }
      guard let inputSlot else { return }
      engine.multipliers[worker].run(
        format, format.operand(gradient, rounded, stride: outputs).fromRow(panel.lowerBound),
        format.operand(weight.pointer, roundedWeight, stride: inputs),
        rows: panel.count, columns: inputs, inner: outputs, into: inputSlot.pointer + panel.lowerBound * inputs,
        stride: inputs, accumulates: inputSlot.accumulates)
    }
    if let trainedBias, let sums {
      engine.addUp(sums.pointer, count: panels.count, columns: outputs, into: trainedBias.gradientSlot())
    }
    guard !weight.isFrozen else { return }
    engine.multiply(
      format, format.operand(gradient, rounded, stride: outputs, transposed: true),
      format.operand(input.pointer, roundedInput, stride: inputs),
      rows: outputs, columns: inputs, inner: rows, into: weight.gradientSlot())
  }
}
