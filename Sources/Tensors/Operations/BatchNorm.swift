extension Pass {
  /// Batch norm of images [n, h, w, c], channels last, with the statistics of the batch; `scale` and `shift` are [c].
  ///
  /// With an exchange the batch is all microbatches that take part in it, else this one.
  /// - Returns: the result, and the moments it was normalised with, for the running statistics.
  public func batchNorm(
    _ input: Tensor, scale: Parameter, shift: Parameter, epsilon: Float, exchange: BatchNormExchange? = nil
  ) -> (result: Tensor, moments: ChannelMoments) {
    let norm = ChannelNorm(engine: engine, input: input, scale: scale, shift: shift)
    var moments = norm.moments()
    exchange?.merge(&moments)
    let inverse = moments.variances.map { 1 / ($0 + Double(epsilon)).squareRoot() }
    let means = moments.means
    let count = moments.count
    let result = result(input.shape, from: [input], parameters: [scale, shift])
    norm.normalize(into: result, means: means, inverse: inverse)
    record(result) { gradient in
      let own = norm.gradientSums(gradient, means: means, inverse: inverse)
      norm.addParameterGradients(own)
      var all = own
      exchange?.addUp(&all)
      guard input.needsGradient else { return }
      let averages = all.map { count > 0 ? $0 / count : 0 }
      norm.inputGradient(gradient, into: input.gradientSlot(), means: means, inverse: inverse, averages: averages)
    }
    return (result, moments)
  }

  /// Batch norm of images [n, h, w, c], channels last, with given (running) means and variances [c].
  public func batchNorm(
    _ input: Tensor, scale: Parameter, shift: Parameter, epsilon: Float, means: [Float], variances: [Float]
  ) -> Tensor {
    let norm = ChannelNorm(engine: engine, input: input, scale: scale, shift: shift)
    require(
      means.count == norm.channels && variances.count == norm.channels,
      "\(means.count) means and \(variances.count) variances for \(norm.channels) channels")
    let inverse = variances.map { 1 / (Double($0) + Double(epsilon)).squareRoot() }
    let means = means.map { Double($0) }
    let result = result(input.shape, from: [input], parameters: [scale, shift])
    norm.normalize(into: result, means: means, inverse: inverse)
    record(result) { gradient in
      norm.addParameterGradients(norm.gradientSums(gradient, means: means, inverse: inverse))
      guard input.needsGradient else { return }
      let none = [Double](repeating: 0, count: 2 * norm.channels)
      norm.inputGradient(gradient, into: input.gradientSlot(), means: means, inverse: inverse, averages: none)
    }
    return result
  }
}

/// The passes of batch norm over a matrix [pixels, channels]. Sums run in Float32 over some hundred rows, beyond in Float64.
private struct ChannelNorm {
  typealias Floats = UnsafeMutablePointer<Float>

  let engine: Engine
  let input: Tensor
  let scale: Parameter
  let shift: Parameter
  let channels: Int
  let panels: Panels

  init(engine: Engine, input: Tensor, scale: Parameter, shift: Parameter) {
    require(
      input.shape.rank == 4 && scale.shape == [input.shape[3]] && shift.shape == [input.shape[3]],
      "a batch norm of scale \(scale.shape) and shift \(shift.shape) cannot take images of shape \(input.shape)")
    self.engine = engine
    self.input = input
    self.scale = scale
    self.shift = shift
    channels = input.shape[3]
    panels = Panels(input.shape.dimensions.dropLast().reduce(1, *), atMost: 256, multipleOf: 1)
  }

  func moments() -> ChannelMoments {
    let rows = panels.total
    let means = sums(width: channels) { panel, part in
      Kernels.addColumnSums(part, input.pointer + panel.lowerBound * channels, rows: panel.count, columns: channels)
    }.map { $0 / Double(max(1, rows)) }
    let center = floats(means)
    let squares = sums(width: channels) { panel, part in
      Kernels.addSquaredDeviations(
        part, input.pointer + panel.lowerBound * channels, mean: center.pointer, rows: panel.count, channels: channels)
    }
    // The deviations were taken from the mean as a Float32: Σ (x - m)² exceeds Σ (x - mean)² by n (mean - m)².
    let corrected = squares.indices.map { channel in
      let distance = means[channel] - Double(center.pointer[channel])
      return max(0, squares[channel] - Double(rows) * distance * distance)
    }
    return ChannelMoments(count: Double(rows), means: means, squares: corrected)
  }

  /// result = (x - mean) · inverse · scale + shift.
  func normalize(into result: Tensor, means: [Double], inverse: [Double]) {
    let factors = (0..<channels).map { inverse[$0] * Double(scale.pointer[$0]) }
    let (a, b) = (floats(factors), floats((0..<channels).map { Double(shift.pointer[$0]) - means[$0] * factors[$0] }))
    engine.workers.run(pieces: panels.count) { piece in
      let (first, rows) = (panels[piece].lowerBound * channels, panels[piece].count)
      Kernels.channelAffine(
        result.pointer + first, input.pointer + first, a: a.pointer, b: b.pointer, rows: rows, channels: channels)
    }
  }

  /// Σ dy of each channel, then Σ dy · (x - mean) · inverse of each channel: the gradients of shift and scale.
  func gradientSums(_ upstream: Floats, means: [Double], inverse: [Double]) -> [Double] {
    let center = floats(means)
    var sums = sums(width: 2 * channels) { panel, part in
      let first = panel.lowerBound * channels
      Kernels.addDeviationProducts(
        sums: part, products: part + channels, upstream + first, input.pointer + first, mean: center.pointer,
        rows: panel.count, channels: channels)
    }
    for channel in 0..<channels { sums[channels + channel] *= inverse[channel] }
    return sums
  }

  func addParameterGradients(_ sums: [Double]) {
    let shares = [(shift, sums.prefix(channels)), (scale, sums.suffix(channels))]
    for (parameter, values) in shares where !parameter.isFrozen {
      let slot = parameter.gradientSlot()
      for (channel, value) in values.enumerated() {
        slot.pointer[channel] = Float(value) + (slot.accumulates ? slot.pointer[channel] : 0)
      }
    }
  }

  /// dx = scale · inverse · (dy - mean of dy - x̂ · mean of dy x̂), the two means being the halves of `averages`.
  func inputGradient(
    _ upstream: Floats, into slot: GradientSlot, means: [Double], inverse: [Double], averages: [Double]
  ) {
    let factors = (0..<channels).map { inverse[$0] * Double(scale.pointer[$0]) }
    let slopes = (0..<channels).map { -factors[$0] * averages[channels + $0] * inverse[$0] }
    let constants = (0..<channels).map { -factors[$0] * averages[$0] - slopes[$0] * means[$0] }
    let (a, b, c) = (floats(factors), floats(slopes), floats(constants))
    engine.workers.run(pieces: panels.count) { piece in
      let (first, rows) = (panels[piece].lowerBound * channels, panels[piece].count)
      Kernels.channelAffinePair(
        slot.pointer + first, upstream + first, input.pointer + first, a: a.pointer, b: b.pointer, c: c.pointer,
        rows: rows, channels: channels, accumulates: slot.accumulates)
    }
  }

  /// Adds up what `body` adds to a cleared part for each panel of rows, in the order of the panels.
  private func sums(width: Int, _ body: (_ panel: Range<Int>, _ part: Floats) -> Void) -> [Double] {
    let parts = engine.pool.take(panels.count * width)
    engine.workers.run(pieces: panels.count) { piece in
      let part = parts.pointer + piece * width
      part.update(repeating: 0, count: width)
      body(panels[piece], part)
    }
    var sums = [Double](repeating: 0, count: width)
    for piece in 0..<panels.count {
      for index in 0..<width { sums[index] += Double(parts.pointer[piece * width + index]) }
    }
    return sums
  }

  private func floats(_ values: [Double]) -> Buffer {
    let buffer = engine.pool.take(values.count)
    for (index, value) in values.enumerated() { buffer.pointer[index] = Float(value) }
    return buffer
  }
}
