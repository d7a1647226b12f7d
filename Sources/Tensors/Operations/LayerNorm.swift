extension Pass {
  /// Layer norm of the rows of `input` [n, h] with `scale` [h] and, unless it is nil, `shift` [h]; the variance is the
  /// biased one.
  public func layerNorm(_ input: Tensor, scale: Parameter, shift: Parameter?, epsilon: Float) -> Tensor {
    let norm = RowNorm(pass: self, shape: input.shape, scale: scale, shift: shift, epsilon: epsilon)
    let result = result(input.shape, from: [input], parameters: norm.parameters)
    let saved = norm.forward(into: result, saves: result.needsGradient) { panel, values, _ in
      values.update(from: input.pointer + panel.lowerBound * norm.columns, count: panel.count * norm.columns)
    }
    let target = input.gradientTarget
    record(result) { gradient in
      guard let saved else { return }
      let slot = target?.slot()
      norm.backward(gradient, saved) { panel, values, _ in
        guard let slot else { return }
        Kernels.scale(
          slot.pointer + panel.lowerBound * norm.columns, values, by: 1, panel.count * norm.columns,
          accumulates: slot.accumulates)
      }
    }
    return result
  }

  /// Layer norm of residual + dropout(input), fused: input, residual and result are [n, h], `scale` and, unless it is
  /// nil, `shift` [h].
  ///
  /// Row i of the mask is drawn at `coordinates`' place i; nothing is dropped where `mask` is nil.
  public func dropoutAddLayerNorm(
    _ input: Tensor, residual: Tensor, mask: DropoutMask?, coordinates: Coordinates, scale: Parameter,
    shift: Parameter?, epsilon: Float
  ) -> Tensor {
    require(input.shape == residual.shape, "shapes \(input.shape) and \(residual.shape) cannot be added")
    require(coordinates.count == input.shape[0], "\(coordinates.count) coordinates for shape \(input.shape)")
    let norm = RowNorm(pass: self, shape: input.shape, scale: scale, shift: shift, epsilon: epsilon)
    let columns = norm.columns
    let result = result(input.shape, from: [input, residual], parameters: norm.parameters)
    let drawn = mask.map { RowMask(mask: $0, coordinates: coordinates, columns: columns) }
    let masks = drawn.map { engine.scratch($0.scratchCount(rows: norm.panels.size)) }
    let saved = norm.forward(into: result, saves: result.needsGradient) { panel, values, worker in
      let (x, other) = (input.pointer + panel.lowerBound * columns, residual.pointer + panel.lowerBound * columns)
      if let drawn, let masks {
        drawn.add(rows: panel, x, residual: other, to: values, scratch: masks[worker])
      } else {
        Kernels.add(values, other, x, panel.count * columns)
      }
    }
    let (inputTarget, residualTarget) = (input.gradientTarget, residual.gradientTarget)
    record(result) { [engine] gradient in
      guard let saved else { return }
      let residualSlot = residualTarget?.slot()
      let inputSlot = inputTarget?.slot()
      let masks = drawn.map { engine.scratch($0.scratchCount(rows: norm.panels.size)) }
      norm.backward(gradient, saved) { panel, values, worker in
        let (first, count) = (panel.lowerBound * columns, panel.count * columns)
        if let slot = residualSlot {
          Kernels.scale(slot.pointer + first, values, by: 1, count, accumulates: slot.accumulates)
        }
        guard let slot = inputSlot else { return }
        if let drawn, let masks {
          drawn.apply(
            rows: panel, values, to: slot.pointer + first, accumulates: slot.accumulates, scratch: masks[worker])
        } else {
          Kernels.scale(slot.pointer + first, values, by: 1, count, accumulates: slot.accumulates)
        }
      }
    }
    return result
  }
}

/// Layer norm over the rows of a matrix, a panel of rows at a time so that what comes before and after finds them in cache.
private struct RowNorm {
  /// What the backward pass needs: the normalised rows and their inverse standard deviations.
  struct Saved {
    let normalized: Buffer
    let inverse: Buffer
  }

  typealias PanelWork = (_ panel: Range<Int>, _ values: UnsafeMutablePointer<Float>, _ worker: Int) -> Void

  let engine: Engine
  let scale: Parameter
  let shift: Parameter?
  let epsilon: Float
  let columns: Int
  let panels: Panels
  /// Stands for a shift that is not there.
  private let zeros: Buffer?

  init(pass: Pass, shape: Shape, scale: Parameter, shift: Parameter?, epsilon: Float) {
    require(
      shape.rank == 2 && scale.shape == [shape[1]] && shift.map { $0.shape == [shape[1]] } ?? true,
      "a layer norm of scale \(scale.shape) and shift \(shift?.shape ?? []) cannot take an input of shape \(shape)")
    engine = pass.engine
    self.scale = scale
    self.shift = shift
    self.epsilon = epsilon
    columns = shape[1]
    panels = Panels.ofRows(shape[0])
    zeros = shift == nil ? pass.engine.pool.take(shape[1]) : nil
    zeros?.pointer.update(repeating: 0, count: shape[1])
  }

  var parameters: [Parameter] { [scale] + (shift.map { [$0] } ?? []) }

  private var shiftPointer: UnsafeMutablePointer<Float> { shift?.pointer ?? zeros?.pointer ?? scale.pointer }

  /// Normalises what `fill` writes for each panel into `result`.
  func forward(into result: Tensor, saves: Bool, fill: PanelWork) -> Saved? {
    let saved = saves ? Saved(normalized: engine.pool.take(result.count), inverse: engine.pool.take(panels.total)) : nil
    let scratch = engine.scratch(saves ? 0 : panels.size * (columns + 1))
    engine.workers.run(pieces: panels.count) { piece, worker in
      let panel = panels[piece]
      let values = saved.map { $0.normalized.pointer + panel.lowerBound * columns } ?? scratch[worker]
      fill(panel, values, worker)
      Kernels.layerNorm(
        result.pointer + panel.lowerBound * columns, normalized: values,
        inverse: saved.map { $0.inverse.pointer + panel.lowerBound } ?? scratch[worker] + panels.size * columns,
        scale: scale.pointer, shift: shiftPointer, epsilon: epsilon, rows: panel.count, columns: columns)
    }
    if let saved { result.isRemade(by: remaking(saved)) }
    return saved
  }

  private func remaking(_ saved: Saved) -> RememberedValues.Remaking {
    let pieces = Panels(panels.total * columns, atMost: panels.size * columns, multipleOf: columns)
    return RememberedValues.Remaking(pieces: pieces) { elements, values in
      Kernels.scaleAndShift(
        values, normalized: saved.normalized.pointer + elements.lowerBound, scale: scale.pointer, shift: shiftPointer,
        rows: elements.count / columns, columns: columns)
    }
  }

  /// Adds to the gradients of scale and shift, and hands on the gradient of each panel of the norm's input. `gradient` is
  /// overwritten.
  func backward(_ gradient: UnsafeMutablePointer<Float>, _ saved: Saved, pass handOn: PanelWork) {
    let scaleSums = scale.isFrozen ? nil : engine.pool.take(panels.count * columns)
    let trainedShift = shift.flatMap { $0.isFrozen ? nil : $0 }
    let shiftSums = trainedShift.map { _ in engine.pool.take(panels.count * columns) }
    engine.workers.run(pieces: panels.count) { piece, worker in
      let panel = panels[piece]
      let values = gradient + panel.lowerBound * columns
      let normalized = saved.normalized.pointer + panel.lowerBound * columns
      if let scaleSums {
        let sums = scaleSums.pointer + piece * columns
        sums.update(repeating: 0, count: columns)
        Kernels.addProductColumnSums(sums, values, normalized, rows: panel.count, columns: columns)
      }
      if let shiftSums {
        let sums = shiftSums.pointer + piece * columns
        sums.update(repeating: 0, count: columns)
        Kernels.addColumnSums(sums, values, rows: panel.count, columns: columns)
      }
      Kernels.layerNormBackward(
        values, values, normalized: normalized, inverse: saved.inverse.pointer + panel.lowerBound, scale: scale.pointer,
        rows: panel.count, columns: columns)
      handOn(panel, values, worker)
    }
    if let scaleSums {
      engine.addUp(scaleSums.pointer, count: panels.count, columns: columns, into: scale.gradientSlot())
    }
    if let trainedShift, let shiftSums {
      engine.addUp(shiftSums.pointer, count: panels.count, columns: columns, into: trainedShift.gradientSlot())
    }
  }
}
