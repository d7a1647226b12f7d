extension Pass {
  /// The largest value of each 2 × 2 square: images [n, h, w, c], channels last, become [n, h / 2, w / 2, c]; an odd last row
  /// or column is left out. The gradient goes to the first largest value.
  public func maxPool2(_ input: Tensor) -> Tensor {
    require(input.shape.rank == 4, "images are [n, h, w, c], not of shape \(input.shape)")
    let (images, height, width, channels) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3])
    let result = result([images, height / 2, width / 2, channels], from: [input])
    let (size, pooled) = (height * width * channels, (height / 2) * (width / 2) * channels)
    engine.workers.run(pieces: images) { image in
      Kernels.maxPool(
        result.pointer + image * pooled, input.pointer + image * size, height: height, width: width, channels: channels)
    }
    record(result) { [engine] gradient in
      let slot = input.gradientSlot()
      engine.workers.run(pieces: images) { image in
        let target = slot.pointer + image * size
        if !slot.accumulates { target.update(repeating: 0, count: size) }
        Kernels.maxPoolBackward(
          target, gradient + image * pooled, input.pointer + image * size, height: height, width: width,
          channels: channels)
      }
    }
    return result
  }

  /// The mean over all places: images [n, h, w, c], channels last, become [n, c].
  public func globalAveragePool(_ input: Tensor) -> Tensor {
    require(input.shape.rank == 4, "images are [n, h, w, c], not of shape \(input.shape)")
    let (images, area, channels) = (input.shape[0], input.shape[1] * input.shape[2], input.shape[3])
    let result = result([images, channels], from: [input])
    engine.workers.run(pieces: images) { image in
      let mean = result.pointer + image * channels
      mean.update(repeating: 0, count: channels)
      Kernels.addColumnSums(mean, input.pointer + image * area * channels, rows: area, columns: channels)
      Kernels.scale(mean, mean, by: 1 / Float(area), channels, accumulates: false)
    }
    record(result) { [engine] gradient in
      let slot = input.gradientSlot()
      engine.workers.run(pieces: images) { image in
        Kernels.spreadRows(
          slot.pointer + image * area * channels, gradient + image * channels, by: 1 / Float(area), rows: area,
          channels: channels, accumulates: slot.accumulates)
      }
    }
    return result
  }
}
