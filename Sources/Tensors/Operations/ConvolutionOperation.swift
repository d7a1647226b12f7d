extension Pass {
  /// The convolution of images [n, h, w, in], channels last, with `weight` [out, in, k, k], without bias; the
  /// result is [n, (h + 2p - k) / stride + 1, (w + 2p - k) / stride + 1, out] for zero padding p on all sides.
  public func convolution(_ input: Tensor, _ weight: Parameter, stride: Int = 1, padding: Int = 0) -> Tensor {
    require(
      input.shape.rank == 4 && weight.shape.rank == 4 && input.shape[3] == weight.shape[1]
        && weight.shape[2] == weight.shape[3] && input.shape[1] + 2 * padding >= weight.shape[2]
        && input.shape[2] + 2 * padding >= weight.shape[2] && stride > 0 && padding >= 0,
      "a convolution of weight \(weight.shape), padding \(padding) cannot take images of shape \(input.shape)")
    let work = ConvolutionWork(engine: engine, input: input, weight: weight, stride: stride, padding: padding)
    let shape = work.shape
    let result = result(
      [shape.images, shape.outputHeight, shape.outputWidth, shape.outputs], from: [input], parameters: [weight])
    guard engine.numerics == .library else {
      let portable = PortableConvolution(work)
      portable.forward(into: result.pointer)
      record(result) { gradient in
        if input.needsGradient { portable.inputGradient(gradient, into: input.gradientSlot()) }
        if !weight.isFrozen { portable.weightGradient(gradient, into: weight.gradientSlot()) }
      }
      return result
    }
    work.forward(into: result.pointer)
    record(result) { gradient in
      if input.needsGradient { work.inputGradient(gradient, into: input.gradientSlot()) }
      if !weight.isFrozen { work.weightGradient(gradient, into: weight.gradientSlot()) }
    }
    return result
  }
}

/// A convolution cut in pieces of whole images, through oneDNN.
struct ConvolutionWork {
  let engine: Engine
  let input: Tensor
  let weight: Parameter
  let shape: ConvolutionShape
  let panels: Panels

  init(engine: Engine, input: Tensor, weight: Parameter, stride: Int, padding: Int) {
    self.engine = engine
    self.input = input
    self.weight = weight
    shape = ConvolutionShape(
      images: input.shape[0], height: input.shape[1], width: input.shape[2], inputs: input.shape[3],
      outputs: weight.shape[0], kernel: weight.shape[2], stride: stride, padding: padding)
    panels = Panels(shape.images, atMost: 16, multipleOf: 1)
  }

  /// Runs `body` with each piece's images and the convolution compiled for their number.
  private func forEachPiece(_ body: (_ piece: Int, _ images: Range<Int>, _ compiled: Convolution) -> Void) {
    engine.workers.run(pieces: panels.count) { piece, worker in
      var part = shape
      part.images = panels[piece].count
      body(piece, panels[piece], engine.multipliers[worker].oneDNN.convolution(part))
    }
  }

  func forward(into result: UnsafeMutablePointer<Float>) {
    forEachPiece { _, images, compiled in
      compiled.run(
        input.pointer + images.lowerBound * shape.inputImage, weights: weight.pointer,
        into: result + images.lowerBound * shape.outputImage)
    }
  }

  func inputGradient(_ upstream: UnsafeMutablePointer<Float>, into slot: GradientSlot) {
    // oneDNN cannot add an input gradient to another.
    let fresh = slot.accumulates ? engine.pool.take(input.count) : nil
    forEachPiece { _, images, compiled in
      let offset = images.lowerBound * shape.inputImage
      let target = (fresh?.pointer ?? slot.pointer) + offset
      compiled.inputGradient(
        upstream + images.lowerBound * shape.outputImage, weights: weight.pointer, into: target)
      if fresh != nil {
        Kernels.scale(slot.pointer + offset, target, by: 1, images.count * shape.inputImage, accumulates: true)
      }
    }
  }

  func weightGradient(_ upstream: UnsafeMutablePointer<Float>, into slot: GradientSlot) {
    let parts = engine.pool.take(panels.count * shape.weights)
    forEachPiece { piece, images, compiled in
      compiled.weightGradient(
        upstream + images.lowerBound * shape.outputImage, input: input.pointer + images.lowerBound * shape.inputImage,
        into: parts.pointer + piece * shape.weights)
    }
    engine.addUp(parts.pointer, count: panels.count, columns: shape.weights, into: slot)
  }
}
