extension Pass {
  /// y = x Wᵀ + b, with x [n, in], W [out, in], b [out]; the result is [n, out].
  ///
  /// - Parameter outputs: which rows of W and b are used, all where nil: one map of several that a weight holds together.
  public func linear(
    _ input: Tensor, _ weight: Parameter, _ bias: Parameter?, outputs: Range<Int>? = nil
  ) -> Tensor {
    let layer = LinearLayer(pass: self, input: input, weight: weight, bias: bias, chosen: outputs)
    let result = result([layer.rows, layer.outputs], from: [input], parameters: [weight] + (bias.map { [$0] } ?? []))
    layer.forward(input, into: result.pointer) { _, _ in }
    let (remembered, target) = (input.remembered, input.gradientTarget)
    record(result) { gradient in layer.backward(gradient, input: remembered, to: target) { _, _ in } }
    return result
  }

  /// GELU(x Wᵀ + b) with the exact (erf) GELU, fused: x [n, in], W [out, in], b [out]; the result is [n, out].
  public func linearGELU(_ input: Tensor, _ weight: Parameter, _ bias: Parameter?) -> Tensor {
    linearActivation(input, weight, bias, .gelu)
  }

  /// An activation of x Wᵀ + b, fused: x [n, in], W [out, in], b [out]; the result is [n, out].
  ///
  /// What the activation is taken of stays for the backward pass, which recomputes result and slope from it.
  public func linearActivation(
    _ input: Tensor, _ weight: Parameter, _ bias: Parameter?, _ activation: Activation
  ) -> Tensor {
    let layer = LinearLayer(pass: self, input: input, weight: weight, bias: bias)
    let columns = layer.outputs
    let result = result([layer.rows, columns], from: [input], parameters: [weight] + (bias.map { [$0] } ?? []))
    let memory =
      result.needsGradient ? RecomputedActivation(activation, count: result.count, pool: engine.pool) : nil
    layer.forward(input, into: memory?.sums ?? result.pointer) { rows, values in
      Kernels.activation(activation, result.pointer + rows.lowerBound * columns, values, rows.count * columns)
    }
    guard let memory else { return result }
    result.isRemade(by: memory.remaking)
    let (remembered, target) = (input.remembered, input.gradientTarget)
    record(result) { gradient in
      layer.backward(gradient, input: remembered, to: target) { rows, values in
        memory.backward(values, of: rows.lowerBound * columns..<rows.upperBound * columns)
      }
    }
    return result
  }
}

/// The products of a fully connected layer, with room for elementwise work on a few rows at a time while they are in cache.
private struct LinearLayer {
  /// Called for some rows, of which the pointer is the first.
  typealias RowWork = (_ rows: Range<Int>, _ values: UnsafeMutablePointer<Float>) -> Void

  let engine: Engine
  let format: ProductFormat
  let weight: Parameter
  let bias: Parameter?
  let rows: Int
  let inputs: Int
  /// The first row of the weight that is used.
  let first: Int
  /// How many rows of the weight are used.
  let outputs: Int

  /// A copy of the weight in the format of the products; nil in Float32.
  private let roundedWeight: Buffer?

  init(pass: Pass, input: Tensor, weight: Parameter, bias: Parameter?, chosen: Range<Int>? = nil) {
    require(
      input.shape.rank == 2 && weight.shape.rank == 2 && input.shape[1] == weight.shape[1],
      "a linear layer of weight \(weight.shape) cannot take an input of shape \(input.shape)")
    require(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "a linear layer of weight \(weight.shape) cannot have a bias of shape \(bias?.shape ?? [])")
    engine = pass.engine
    format = pass.engine.format(of: pass.precision)
    self.weight = weight
    self.bias = bias
    rows = input.shape[0]
    inputs = weight.shape[1]
    let chosen = chosen ?? 0..<weight.shape[0]
    require(
      chosen.lowerBound >= 0 && chosen.upperBound <= weight.shape[0],
      "a linear layer of weight \(weight.shape) has no outputs \(chosen)")
    first = chosen.lowerBound
    outputs = chosen.count
    roundedWeight = format.room(outputs * inputs, in: engine.pool)
  }

  private var weightPointer: UnsafeMutablePointer<Float> { weight.pointer + first * inputs }

  /// The part of a parameter's gradient that belongs to the used rows, `width` numbers each; the rest is cleared by the
  /// first who contributes.
  private func slot(of parameter: Parameter, width: Int) -> GradientSlot {
    let whole = parameter.gradientSlot()
    let own = first * width..<(first + outputs) * width
    if !whole.accumulates {
      whole.pointer.update(repeating: 0, count: own.lowerBound)
      (whole.pointer + own.upperBound).update(repeating: 0, count: whole.count - own.upperBound)
    }
    return GradientSlot(
      pointer: whole.pointer + own.lowerBound, count: own.count, accumulates: whole.accumulates)
  }

  /// result = x Wᵀ + b, then `finish` on its rows.
  func forward(_ input: Tensor, into result: UnsafeMutablePointer<Float>, finish: RowWork) {
    if let roundedWeight {
      engine.forEachElements(outputs * inputs) {
        format.round(weightPointer + $0.lowerBound, into: roundedWeight, at: $0)
      }
    }
    let isRounded = input.roundedCopy != nil
    let rounded = input.roundedCopy ?? format.room(input.count, in: engine.pool)
    input.roundedCopy = rounded
    let panels = Panels.ofProduct(rows)
    let right = format.operand(weightPointer, roundedWeight, stride: inputs, transposed: true)
    let packed = engine.packed(right, columns: outputs, inner: inputs, rows: rows)
    engine.workers.run(pieces: panels.count) { piece, worker in
      let panel = panels[piece]
      if !isRounded {
        let first = panel.lowerBound * inputs
        format.round(input.pointer + first, into: rounded, at: first..<panel.upperBound * inputs)
      }
      engine.multipliers[worker].run(
        format, format.operand(input.pointer, rounded, stride: inputs).fromRow(panel.lowerBound),
        right, packed: packed, rows: panel.count, columns: outputs, inner: inputs,
        into: result + panel.lowerBound * outputs, stride: outputs, bias: bias.map { $0.pointer + first })
      forEachFewRows(of: panel, in: result, finish)
    }
  }

  /// Gives the gradient of y to x, W and b. `prepare` first turns the rows, a few at a time and in place, into the
  /// gradient before the activation.
  func backward(
    _ gradient: UnsafeMutablePointer<Float>, input: RememberedValues, to target: GradientCell?, prepare: RowWork
  ) {
    let panels = Panels.ofProduct(rows)
    let inputSlot = target?.slot()
    let trainedBias = bias.flatMap { $0.isFrozen ? nil : $0 }
    let sums = trainedBias.map { _ in engine.pool.take(panels.count * outputs) }
    let rounded = format.room(rows * outputs, in: engine.pool)
    let right = format.operand(weightPointer, roundedWeight, stride: inputs)
    let packed = inputSlot.flatMap { _ in engine.packed(right, columns: inputs, inner: outputs, rows: rows) }
    engine.workers.run(pieces: panels.count) { piece, worker in
      let panel = panels[piece]
      let sum = sums.map { $0.pointer + piece * outputs }
      sum?.update(repeating: 0, count: outputs)
      forEachFewRows(of: panel, in: gradient) { few, values in
        prepare(few, values)
        if let sum { Kernels.addColumnSums(sum, values, rows: few.count, columns: outputs) }
        format.round(values, into: rounded, at: few.lowerBound * outputs..<few.upperBound * outputs)
      }
      guard let inputSlot else { return }
      engine.multipliers[worker].run(
        format, format.operand(gradient, rounded, stride: outputs).fromRow(panel.lowerBound),
        right, packed: packed, rows: panel.count, columns: inputs, inner: outputs,
        into: inputSlot.pointer + panel.lowerBound * inputs, stride: inputs, accumulates: inputSlot.accumulates)
    }
    if let trainedBias, let sums {
      engine.addUp(sums.pointer, count: panels.count, columns: outputs, into: slot(of: trainedBias, width: 1))
    }
    if !weight.isFrozen { trainWeight(format.operand(gradient, rounded, stride: outputs, transposed: true), input) }
  }

  /// dW (+)= dyᵀ x
  private func trainWeight(_ gradient: MatrixOperand, _ input: RememberedValues) {
    engine.multiply(
      format, gradient, input.operand(format, stride: inputs, engine), rows: outputs, columns: inputs, inner: rows,
      into: slot(of: weight, width: inputs))
  }

  /// A few rows at a time, so that each step finds in cache what the one before has written.
  private func forEachFewRows(of panel: Range<Int>, in matrix: UnsafeMutablePointer<Float>, _ work: RowWork) {
    for first in stride(from: panel.lowerBound, to: panel.upperBound, by: 32) {
      work(first..<min(first + 32, panel.upperBound), matrix + first * outputs)
    }
  }
}
