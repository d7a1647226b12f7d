#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Twin {
  /// Input: logits [n, classes].
  package static func crossEntropy(
    labels: [Int32], classes: Int, smoothing: Double, classWeights: [Double]?
  ) -> Twin {
    let weights = classWeights ?? Vector(repeating: 1, count: classes)
    @Sendable func target(_ row: Int, _ index: Int) -> Double {
      weights[index] * (smoothing / Double(classes) + (Int(labels[row]) == index ? 1 - smoothing : 0))
    }
    @Sendable func logSum(_ values: ArraySlice<Double>) -> Double {
      let largest = values.max() ?? 0
      return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
    }
    return Twin(
      forward: { inputs in
        labels.indices.map { row in
          let values = inputs[0][row * classes..<(row + 1) * classes]
          let logSum = logSum(values)
          return (0..<classes).reduce(0) { $0 + target(row, $1) * (logSum - inputs[0][row * classes + $1]) }
        }
      },
      backward: { inputs, upstream in
        var gradient = Vector(repeating: 0, count: inputs[0].count)
        for row in labels.indices {
          let logSum = logSum(inputs[0][row * classes..<(row + 1) * classes])
          let total = (0..<classes).reduce(0) { $0 + target(row, $1) }
          for index in 0..<classes {
            let place = row * classes + index
            gradient[place] = upstream[row] * (total * exp(inputs[0][place] - logSum) - target(row, index))
          }
        }
        return [gradient]
      })
  }
}
