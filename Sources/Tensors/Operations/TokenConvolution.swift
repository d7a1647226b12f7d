extension Pass {
  /// A convolution over the tokens of each row, zero beyond both ends: y[i] = Σₜ W[:, :, t] x[i + t - (k - 1) / 2] + b.
  ///
  /// `input` is [n, in] with the tokens `offsets[r] ..< offsets[r + 1]` of row r, `weight` [out, in, k] with an odd k, as
  /// PyTorch keeps it, and `bias` [out]; the result is [n, out]. Products are Float32, as those of other convolutions.
  public func tokenConvolution(_ input: Tensor, _ weight: Parameter, _ bias: Parameter?, offsets: [Int32]) -> Tensor {
    require(
      offsets.first == 0 && offsets.last.map(Int.init) == input.shape[0],
      "tokens of shape \(input.shape) cannot have the offsets \(offsets)")
    let window = TokenWindow(engine: engine, input: input, weight: weight, bias: bias, offsets: offsets)
    let result = result(
      [input.shape[0], window.outputs], from: [input], parameters: [weight] + (bias.map { [$0] } ?? []))
    window.forward(into: result)
    record(result) { gradient in window.backward(gradient) }
    return result
  }
}

/// A convolution as one product of the tokens' neighbourhoods [n, k · in] and the weight [out, k · in].
private struct TokenWindow {
  typealias Floats = UnsafeMutablePointer<Float>

  let engine: Engine
  let input: Tensor
  let weight: Parameter
  let bias: Parameter?
  let offsets: [Int32]

  init(engine: Engine, input: Tensor, weight: Parameter, bias: Parameter?, offsets: [Int32]) {
    require(
      input.shape.rank == 2 && weight.shape.rank == 3 && weight.shape[1] == input.shape[1]
        && !weight.shape[2].isMultiple(of: 2) && bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "a convolution of weight \(weight.shape) and bias \(bias?.shape ?? []) cannot take tokens of shape \(input.shape)"
    )
    self.engine = engine
    self.input = input
    self.weight = weight
    self.bias = bias
    self.offsets = offsets
  }

  var outputs: Int { weight.shape[0] }
  private var inputs: Int { weight.shape[1] }
  private var taps: Int { weight.shape[2] }
  private var width: Int { taps * inputs }
  private var tokens: Int { input.shape[0] }

  func forward(into result: Tensor) {
    let (columns, packed) = (neighbourhoods(), packedWeight())
    withExtendedLifetime((columns, packed)) {
      engine.multiply(
        .float32, MatrixOperand(columns.pointer, stride: width),
        MatrixOperand(packed.pointer, stride: width, transposed: true), rows: tokens, columns: outputs, inner: width,
        into: GradientSlot(pointer: result.pointer, count: result.count, accumulates: false))
    }
    guard let bias else { return }
    let panels = Panels.ofRows(tokens)
    engine.workers.run(pieces: panels.count) { piece in
      let panel = panels[piece]
      Kernels.addBias(
        result.pointer + panel.lowerBound * outputs, bias.pointer, rows: panel.count, columns: outputs)
    }
  }

  func backward(_ gradient: Floats) {
    if let bias, !bias.isFrozen { engine.addUp(gradient, count: tokens, columns: outputs, into: bias.gradientSlot()) }
    if input.needsGradient { trainInput(gradient) }
    if !weight.isFrozen { trainWeight(gradient) }
  }

  private func trainInput(_ gradient: Floats) {
    let (shares, packed) = (engine.pool.take(tokens * width), packedWeight())
    withExtendedLifetime((shares, packed)) {
      engine.multiply(
        .float32, MatrixOperand(gradient, stride: outputs), MatrixOperand(packed.pointer, stride: width),
        rows: tokens, columns: width, inner: outputs,
        into: GradientSlot(pointer: shares.pointer, count: tokens * width, accumulates: false))
      collect(shares.pointer, into: input.gradientSlot())
    }
  }

  private func trainWeight(_ gradient: Floats) {
    let (packed, columns) = (engine.pool.take(weight.count), neighbourhoods())
    withExtendedLifetime((packed, columns)) {
      engine.multiply(
        .float32, MatrixOperand(gradient, stride: outputs, transposed: true),
        MatrixOperand(columns.pointer, stride: width), rows: outputs, columns: width, inner: tokens,
        into: GradientSlot(pointer: packed.pointer, count: weight.count, accumulates: false))
      let slot = weight.gradientSlot()
      forEachWeight { place, packedPlace in
        slot.pointer[place] = (slot.accumulates ? slot.pointer[place] : 0) + packed.pointer[packedPlace]
      }
    }
  }

  /// The weight as [out, k, in].
  private func packedWeight() -> Buffer {
    let packed = engine.pool.take(weight.count)
    forEachWeight { place, packedPlace in packed.pointer[packedPlace] = weight.pointer[place] }
    return packed
  }

  private func forEachWeight(_ body: (_ place: Int, _ packedPlace: Int) -> Void) {
    engine.workers.run(pieces: outputs) { output in
      for channel in 0..<inputs {
        for tap in 0..<taps {
          body((output * inputs + channel) * taps + tap, (output * taps + tap) * inputs + channel)
        }
      }
    }
  }

  /// For each token its neighbours' vectors one after the other, zeros beyond the ends of its row.
  private func neighbourhoods() -> Buffer {
    let result = engine.pool.take(tokens * width)
    forEachNeighbour { token, tap, neighbour in
      let place = result.pointer + token * width + tap * inputs
      if let neighbour {
        place.update(from: input.pointer + neighbour * inputs, count: inputs)
      } else {
        place.update(repeating: 0, count: inputs)
      }
    }
    return result
  }

  /// slot (+)= what each token has given to the neighbourhoods that it belongs to.
  private func collect(_ shares: Floats, into slot: GradientSlot) {
    if !slot.accumulates { slot.pointer.update(repeating: 0, count: slot.count) }
    forEachNeighbour { token, tap, neighbour in
      // The token's own gradient, tap by tap: it is the neighbour of others at the mirrored taps.
      guard let neighbour else { return }
      let place = slot.pointer + token * inputs
      Kernels.add(place, place, shares + neighbour * width + (taps - 1 - tap) * inputs, inputs)
    }
  }

  /// Calls `body` for each token and tap with the token there, nil beyond the ends of the row; rows run on all threads.
  private func forEachNeighbour(_ body: (_ token: Int, _ tap: Int, _ neighbour: Int?) -> Void) {
    engine.workers.run(pieces: max(0, offsets.count - 1)) { row in
      let own = Int(offsets[row])..<Int(offsets[row + 1])
      for token in own {
        for tap in 0..<taps {
          let neighbour = token + tap - (taps - 1) / 2
          body(token, tap, own.contains(neighbour) ? neighbour : nil)
        }
      }
    }
  }
}
