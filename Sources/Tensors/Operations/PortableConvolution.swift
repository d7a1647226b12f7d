/// A convolution cut in pieces of whole images, by portable products.
struct PortableConvolution {
  typealias Floats = UnsafeMutablePointer<Float>

  private let work: ConvolutionWork
  private let product: PatchProduct

  init(_ work: ConvolutionWork) {
    self.work = work
    product = PatchProduct(shape: work.shape)
  }

  private var engine: Engine { work.engine }
  private var shape: ConvolutionShape { work.shape }
  /// Numbers of a patch.
  private var width: Int { shape.inputs * shape.kernel * shape.kernel }

  /// Runs `body` with each piece's images, scratch memory for their patches and a multiplier.
  private func forEachPiece(
    _ body: (_ piece: Int, _ images: Range<Int>, _ patches: Floats, _ multiplier: Multiplier) -> Void
  ) {
    let scratch = engine.scratch(product.patchCount)
    engine.workers.run(pieces: work.panels.count) { piece, worker in
      body(piece, work.panels[piece], scratch[worker], engine.multipliers[worker])
    }
  }

  private func packedWeights() -> Buffer {
    let packed = engine.pool.take(shape.weights)
    product.pack(work.weight.pointer, into: packed.pointer)
    return packed
  }

  func forward(into result: Floats) {
    let weights = packedWeights()
    let right = engine.packed(
      MatrixOperand(weights.pointer, stride: width, transposed: true), columns: shape.outputs, inner: width,
      rows: shape.images * shape.outputHeight * shape.outputWidth)
    withExtendedLifetime(weights) {
      forEachPiece { _, images, patches, multiplier in
        product.forward(
          work.input.pointer + images.lowerBound * shape.inputImage, count: images.count, weights: weights.pointer,
          right, into: result + images.lowerBound * shape.outputImage, patches: patches, by: multiplier)
      }
    }
  }

  func inputGradient(_ upstream: Floats, into slot: GradientSlot) {
    let weights = packedWeights()
    let right = engine.packed(
      MatrixOperand(weights.pointer, stride: width), columns: width, inner: shape.outputs,
      rows: shape.images * shape.outputHeight * shape.outputWidth)
    withExtendedLifetime(weights) {
      forEachPiece { _, images, patches, multiplier in
        let target = slot.pointer + images.lowerBound * shape.inputImage
        if !slot.accumulates { target.update(repeating: 0, count: images.count * shape.inputImage) }
        product.addInputGradient(
          upstream + images.lowerBound * shape.outputImage, count: images.count, weights: weights.pointer, right,
          into: target, patches: patches, by: multiplier)
      }
    }
  }

  func weightGradient(_ upstream: Floats, into slot: GradientSlot) {
    let panels = work.panels
    let parts = engine.pool.take(panels.count * shape.weights)
    forEachPiece { piece, images, patches, multiplier in
      let part = parts.pointer + piece * shape.weights
      part.update(repeating: 0, count: shape.weights)
      product.addWeightGradient(
        upstream + images.lowerBound * shape.outputImage,
        input: work.input.pointer + images.lowerBound * shape.inputImage, count: images.count, into: part,
        patches: patches, by: multiplier)
    }
    let sum = engine.pool.take(shape.weights)
    engine.addUp(
      parts.pointer, count: panels.count, columns: shape.weights,
      into: GradientSlot(pointer: sum.pointer, count: shape.weights, accumulates: false))
    let fresh = slot.accumulates ? engine.pool.take(shape.weights) : nil
    let target = fresh?.pointer ?? slot.pointer
    withExtendedLifetime((sum, fresh)) {
      product.unpack(sum.pointer, into: target)
      if fresh != nil { Kernels.scale(slot.pointer, target, by: 1, shape.weights, accumulates: true) }
    }
  }
}
