extension Twin {
  /// Inputs: images [n, height, width, inputs], weight [outputs, inputs, kernel, kernel].
  package static func convolution(
    height: Int, width: Int, inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int
  ) -> Twin {
    let window = ConvolutionWindow(
      height: height, width: width, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding)
    return Twin(
      forward: { all in
        var result = Vector(repeating: 0, count: window.resultCount(all[0].count))
        window.forEachTerm(images: all[0].count) { result[$0] += all[0][$1] * all[1][$2] }
        return result
      },
      backward: { all, upstream in
        var gradients = all.map { Vector(repeating: 0, count: $0.count) }
        window.forEachTerm(images: all[0].count) { place, pixel, weight in
          gradients[0][pixel] += upstream[place] * all[1][weight]
          gradients[1][weight] += upstream[place] * all[0][pixel]
        }
        return gradients
      })
  }
}

private struct ConvolutionWindow {
  let height: Int
  let width: Int
  let inputs: Int
  let outputs: Int
  let kernel: Int
  let stride: Int
  let padding: Int

  private var resultHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
  private var resultWidth: Int { (width + 2 * padding - kernel) / stride + 1 }

  func resultCount(_ count: Int) -> Int { count / (height * width * inputs) * resultHeight * resultWidth * outputs }

  /// Calls `body` with the indices of the result, the pixel and the weight of every product.
  func forEachTerm(images count: Int, _ body: (_ result: Int, _ pixel: Int, _ weight: Int) -> Void) {
    for place in 0..<resultCount(count) {
      let output = place % outputs
      let column = place / outputs % resultWidth
      let row = place / (outputs * resultWidth) % resultHeight
      let image = place / (outputs * resultWidth * resultHeight)
      for (down, across) in (0..<kernel * kernel).map({ ($0 / kernel, $0 % kernel) }) {
        let (y, x) = (row * stride + down - padding, column * stride + across - padding)
        guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
        for input in 0..<inputs {
          body(
            place, ((image * height + y) * width + x) * inputs + input,
            ((output * inputs + input) * kernel + down) * kernel + across)
        }
      }
    }
  }
}
