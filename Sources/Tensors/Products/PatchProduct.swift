/// A convolution as products of patches: each pixel of the result meets a row of kernel · kernel · inputs numbers, top row
/// of the kernel first, then from left to right, channels last, and zeros beyond the image.
///
/// One order each: a result is a chain over its patch; the gradient of the input adds up the shares of the result's pixels,
/// in their order; the gradient of the weights is a chain over the pixels of a piece's images.
struct PatchProduct {
  typealias Floats = UnsafeMutablePointer<Float>

  let shape: ConvolutionShape

  /// Numbers of a patch.
  private var width: Int { shape.inputs * shape.kernel * shape.kernel }
  private var pixels: Int { shape.outputHeight * shape.outputWidth }
  /// Images whose patches are multiplied at a time: a few hundred pixels.
  private var images: Int { max(1, 256 / max(1, pixels)) }
  /// Whether the images are their own patches.
  private var isPlain: Bool { shape.kernel == 1 && shape.stride == 1 && shape.padding == 0 }

  /// Floats of scratch memory for the patches that are multiplied at a time.
  var patchCount: Int { isPlain ? 0 : images * pixels * width }

  /// packed [outputs, kernel, kernel, inputs] = weights [outputs, inputs, kernel, kernel]
  func pack(_ weights: Floats, into packed: Floats) {
    forEachWeight { place, packedPlace in packed[packedPlace] = weights[place] }
  }

  func unpack(_ packed: Floats, into weights: Floats) {
    forEachWeight { place, packedPlace in weights[place] = packed[packedPlace] }
  }

  private func forEachWeight(_ body: (_ place: Int, _ packedPlace: Int) -> Void) {
    let (inputs, area) = (shape.inputs, shape.kernel * shape.kernel)
    for output in 0..<shape.outputs {
      for input in 0..<inputs {
        for tap in 0..<area { body((output * inputs + input) * area + tap, (output * area + tap) * inputs + input) }
      }
    }
  }

  /// output = the convolution of some images with the packed weights, `right` being these for the multiplier.
  func forward(
    _ input: Floats, count: Int, weights: Floats, _ right: Buffer?, into output: Floats, patches: Floats,
    by multiplier: Multiplier
  ) {
    forEachFewImages(count) { first, few in
      multiplier.run(
        .float32, read(input + first * shape.inputImage, few, patches),
        MatrixOperand(weights, stride: width, transposed: true), packed: right, rows: few * pixels,
        columns: shape.outputs, inner: width, into: output + first * shape.outputImage, stride: shape.outputs)
    }
  }

  /// gradient += the derivative by some images, given `upstream` by the output.
  func addInputGradient(
    _ upstream: Floats, count: Int, weights: Floats, _ right: Buffer?, into gradient: Floats, patches: Floats,
    by multiplier: Multiplier
  ) {
    forEachFewImages(count) { first, few in
      multiplier.run(
        .float32, MatrixOperand(upstream + first * shape.outputImage, stride: shape.outputs),
        MatrixOperand(weights, stride: width), packed: right, rows: few * pixels, columns: width,
        inner: shape.outputs, into: isPlain ? gradient + first * shape.inputImage : patches, stride: width,
        accumulates: isPlain)
      guard !isPlain else { return }
      for image in 0..<few {
        let target = gradient + (first + image) * shape.inputImage
        forEachRun { place, pixel, count in
          guard let pixel else { return }
          Kernels.add(target + pixel, target + pixel, patches + image * pixels * width + place, count)
        }
      }
    }
  }

  /// gradient += the derivative by the packed weights, given `upstream` by the output of some images.
  func addWeightGradient(
    _ upstream: Floats, input: Floats, count: Int, into gradient: Floats, patches: Floats, by multiplier: Multiplier
  ) {
    forEachFewImages(count) { first, few in
      multiplier.run(
        MatrixOperand(upstream + first * shape.outputImage, stride: shape.outputs, transposed: true),
        read(input + first * shape.inputImage, few, patches), rows: shape.outputs, columns: width,
        inner: few * pixels, into: gradient, stride: width, accumulates: true)
    }
  }

  private func forEachFewImages(_ count: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: 0, to: count, by: images) { body(first, min(images, count - first)) }
  }

  /// The patches of some images.
  private func read(_ input: Floats, _ count: Int, _ patches: Floats) -> MatrixOperand {
    if isPlain { return MatrixOperand(input, stride: width) }
    for image in 0..<count {
      let (source, target) = (input + image * shape.inputImage, patches + image * pixels * width)
      forEachRun { place, pixel, count in
        if let pixel {
          (target + place).update(from: source + pixel, count: count)
        } else {
          (target + place).update(repeating: 0, count: count)
        }
      }
    }
    return MatrixOperand(patches, stride: width)
  }

  /// Calls `body` with the runs of an image's patches that lie side by side: the place among the patches, that in the
  /// image, nil beyond it, and their length.
  private func forEachRun(_ body: (_ place: Int, _ pixel: Int?, _ count: Int) -> Void) {
    let (kernel, inputs) = (shape.kernel, shape.inputs)
    for row in 0..<shape.outputHeight {
      for column in 0..<shape.outputWidth {
        let left = column * shape.stride - shape.padding
        // Columns of the kernel that lie in the image.
        let inside = min(max(0, -left), kernel)..<max(min(max(0, -left), kernel), min(kernel, shape.width - left))
        for down in 0..<kernel {
          let place = ((row * shape.outputWidth + column) * kernel + down) * kernel * inputs
          let y = row * shape.stride + down - shape.padding
          guard (0..<shape.height).contains(y), !inside.isEmpty else {
            body(place, nil, kernel * inputs)
            continue
          }
          if inside.lowerBound > 0 { body(place, nil, inside.lowerBound * inputs) }
          body(
            place + inside.lowerBound * inputs, (y * shape.width + left + inside.lowerBound) * inputs,
            inside.count * inputs)
          if inside.upperBound < kernel {
            body(place + inside.upperBound * inputs, nil, (kernel - inside.upperBound) * inputs)
          }
        }
      }
    }
  }
}
