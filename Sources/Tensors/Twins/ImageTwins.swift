extension Twin {
  /// Input: images [n, height, width, channels].
  package static func maxPool2(height: Int, width: Int, channels: Int) -> Twin {
    /// For each result the place of the first largest of its four values.
    @Sendable func sources(_ x: Vector) -> [Int] {
      var places: [Int] = []
      for image in 0..<x.count / max(1, height * width * channels) {
        for (row, column) in (0..<(height / 2) * (width / 2)).map({ ($0 / (width / 2), $0 % (width / 2)) }) {
          for channel in 0..<channels {
            let square = [(0, 0), (0, 1), (1, 0), (1, 1)].map { down, across in
              ((image * height + 2 * row + down) * width + 2 * column + across) * channels + channel
            }
            places.append(square.dropFirst().reduce(square[0]) { x[$1] > x[$0] ? $1 : $0 })
          }
        }
      }
      return places
    }
    return Twin(
      forward: { inputs in sources(inputs[0]).map { inputs[0][$0] } },
      backward: { inputs, upstream in
        var gradient = Vector(repeating: 0, count: inputs[0].count)
        for (place, slope) in zip(sources(inputs[0]), upstream) { gradient[place] += slope }
        return [gradient]
      })
  }

  /// Input: images [n, area, channels].
  package static func globalAveragePool(area: Int, channels: Int) -> Twin {
    Twin(
      forward: { inputs in
        var result = Vector(repeating: 0, count: inputs[0].count / area)
        for (index, value) in inputs[0].enumerated() {
          result[index / (area * channels) * channels + index % channels] += value / Double(area)
        }
        return result
      },
      backward: { inputs, upstream in
        [inputs[0].indices.map { upstream[$0 / (area * channels) * channels + $0 % channels] / Double(area) }]
      })
  }

  /// Inputs: images [pixels, channels], scale [channels], shift [channels]; the statistics of the batch, or given ones.
  package static func batchNorm(
    channels: Int, epsilon: Double, running: (means: Vector, variances: Vector)? = nil
  ) -> Twin {
    @Sendable func statistics(_ x: Vector) -> (means: Vector, inverse: Vector) {
      let count = Double(x.count / channels)
      var (means, variances) = (Vector(repeating: 0, count: channels), Vector(repeating: 0, count: channels))
      for (index, value) in x.enumerated() { means[index % channels] += value / count }
      for (index, value) in x.enumerated() {
        variances[index % channels] += (value - means[index % channels]) * (value - means[index % channels]) / count
      }
      if let running { (means, variances) = running }
      return (means, variances.map { 1 / ($0 + epsilon).squareRoot() })
    }
    return Twin(
      forward: { inputs in
        let (means, inverse) = statistics(inputs[0])
        return inputs[0].enumerated().map { index, value in
          let channel = index % channels
          return (value - means[channel]) * inverse[channel] * inputs[1][channel] + inputs[2][channel]
        }
      },
      backward: { inputs, upstream in
        let (means, inverse) = statistics(inputs[0])
        let x = inputs[0].indices.map { (inputs[0][$0] - means[$0 % channels]) * inverse[$0 % channels] }
        var (scale, shift) = (Vector(repeating: 0, count: channels), Vector(repeating: 0, count: channels))
        for (index, slope) in upstream.enumerated() {
          scale[index % channels] += slope * x[index]
          shift[index % channels] += slope
        }
        let count = Double(x.count / channels)
        let gradient = x.indices.map { index in
          let channel = index % channels
          let common = running == nil ? (shift[channel] + x[index] * scale[channel]) / count : 0
          return inputs[1][channel] * inverse[channel] * (upstream[index] - common)
        }
        return [gradient, scale, shift]
      })
  }
}
