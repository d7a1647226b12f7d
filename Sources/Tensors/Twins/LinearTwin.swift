extension Twin {
  /// Inputs x [n, in], W [out, in] and, with `bias`, b [out].
  package static func linear(inputs: Int, outputs: Int, bias: Bool) -> Twin {
    Twin(
      forward: { linearForward($0[0], $0[1], bias ? $0[2] : nil, inputs: inputs, outputs: outputs) },
      backward: { linearBackward($0[0], $0[1], $1, inputs: inputs, outputs: outputs, bias: bias) })
  }

  /// Inputs x [n, in], W [out, in] and, with `bias`, b [out].
  package static func linearActivation(_ activation: Activation, inputs: Int, outputs: Int, bias: Bool) -> Twin {
    let (linear, function) = (linear(inputs: inputs, outputs: outputs, bias: bias), Twin.activation(activation))
    return Twin(
      forward: { function.forward([linear.forward($0)]) },
      backward: { all, upstream in linear.backward(all, function.backward([linear.forward(all)], upstream)[0]) })
  }

  private static func linearForward(
    _ x: Vector, _ weight: Vector, _ bias: Vector?, inputs: Int, outputs: Int
  ) -> Vector {
    let rows = x.count / inputs
    var y = Vector(repeating: 0, count: rows * outputs)
    for row in 0..<rows {
      for output in 0..<outputs {
        var sum = bias?[output] ?? 0
        for input in 0..<inputs { sum += x[row * inputs + input] * weight[output * inputs + input] }
        y[row * outputs + output] = sum
      }
    }
    return y
  }

  private static func linearBackward(
    _ x: Vector, _ weight: Vector, _ upstream: Vector, inputs: Int, outputs: Int, bias: Bool
  ) -> [Vector] {
    let rows = x.count / inputs
    var dx = Vector(repeating: 0, count: x.count)
    var dw = Vector(repeating: 0, count: weight.count)
    var db = Vector(repeating: 0, count: outputs)
    for row in 0..<rows {
      for output in 0..<outputs {
        let slope = upstream[row * outputs + output]
        db[output] += slope
        for input in 0..<inputs {
          dx[row * inputs + input] += slope * weight[output * inputs + input]
          dw[output * inputs + input] += slope * x[row * inputs + input]
        }
      }
    }
    return bias ? [dx, dw, db] : [dx, dw]
  }
}

extension Twin {
  /// The sum of two maps that are parts of one weight. Inputs x [n, in], W [out, in] and, with `bias`, b [out].
  package static func linearPair(
    inputs: Int, outputs: Int, first: Range<Int>, second: Range<Int>, bias: Bool
  ) -> Twin {
    let twin = linear(inputs: inputs, outputs: outputs, bias: bias)
    return Twin(
      forward: { all in
        let whole = twin.forward(all)
        return stride(from: 0, to: whole.count, by: outputs).flatMap { row in
          zip(first, second).map { whole[row + $0] + whole[row + $1] }
        }
      },
      backward: { all, upstream in
        var whole = Vector(repeating: 0, count: upstream.count / first.count * outputs)
        for (index, slope) in upstream.enumerated() {
          let row = index / first.count * outputs
          whole[row + first.lowerBound + index % first.count] = slope
          whole[row + second.lowerBound + index % first.count] = slope
        }
        return twin.backward(all, whole)
      })
  }
}
