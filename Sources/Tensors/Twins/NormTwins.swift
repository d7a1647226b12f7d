extension Twin {
  /// Input: one matrix with `columns` columns. Row i of the mask lies at place i of the coordinates.
  package static func dropout(_ mask: DropoutMask?, _ coordinates: Coordinates, columns: Int) -> Twin {
    @Sendable func factor(_ index: Int) -> Double {
      guard let mask else { return 1 }
      let (row, column) = (index / columns, index % columns)
      let isKept = mask.keeps(row: coordinates.rows[row], outer: coordinates.outers[row], inner: column)
      return isKept ? Double(mask.scale) : 0
    }
    return Twin(
      forward: { inputs in inputs[0].indices.map { inputs[0][$0] * factor($0) } },
      backward: { _, upstream in [upstream.indices.map { upstream[$0] * factor($0) }] })
  }

  /// Inputs x [n, h], scale [h] and, where there is a shift, shift [h].
  package static func layerNorm(columns: Int, epsilon: Double) -> Twin {
    Twin(
      forward: { inputs in
        let x = normalized(inputs[0], columns: columns, epsilon: epsilon).values
        return x.indices.map { x[$0] * inputs[1][$0 % columns] + (inputs.count > 2 ? inputs[2][$0 % columns] : 0) }
      },
      backward: { layerNormBackward($0, $1, columns: columns, epsilon: epsilon) })
  }

  /// Inputs x [n, h], residual [n, h], scale [h] and, where there is a shift, shift [h].
  package static func dropoutAddLayerNorm(
    _ mask: DropoutMask?, _ coordinates: Coordinates, columns: Int, epsilon: Double
  ) -> Twin {
    let (dropout, norm) = (dropout(mask, coordinates, columns: columns), layerNorm(columns: columns, epsilon: epsilon))
    @Sendable func sum(_ inputs: [Vector]) -> Vector { zip(dropout.forward([inputs[0]]), inputs[1]).map { $0 + $1 } }
    return Twin(
      forward: { norm.forward([sum($0)] + $0.dropFirst(2)) },
      backward: { inputs, upstream in
        let gradients = norm.backward([sum(inputs)] + inputs.dropFirst(2), upstream)
        return [dropout.backward([inputs[0]], gradients[0])[0]] + gradients
      })
  }

  private static func normalized(
    _ x: Vector, columns: Int, epsilon: Double
  ) -> (values: Vector, inverse: Vector) {
    var (values, inverse) = (x, Vector())
    for start in stride(from: 0, to: x.count, by: columns) {
      let row = x[start..<start + columns]
      let mean = row.reduce(0, +) / Double(columns)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      inverse.append(1 / (variance + epsilon).squareRoot())
      for index in row.indices { values[index] = (x[index] - mean) * inverse[start / columns] }
    }
    return (values, inverse)
  }

  private static func layerNormBackward(
    _ inputs: [Vector], _ upstream: Vector, columns: Int, epsilon: Double
  ) -> [Vector] {
    let (x, inverse) = normalized(inputs[0], columns: columns, epsilon: epsilon)
    var dx = Vector(repeating: 0, count: x.count)
    var (scale, shift) = (Vector(repeating: 0, count: columns), Vector(repeating: 0, count: columns))
    for start in stride(from: 0, to: x.count, by: columns) {
      var (plain, weighted) = (0.0, 0.0)
      for column in 0..<columns {
        let (slope, value) = (upstream[start + column], x[start + column])
        scale[column] += slope * value
        shift[column] += slope
        plain += slope * inputs[1][column] / Double(columns)
        weighted += slope * inputs[1][column] * value / Double(columns)
      }
      for column in 0..<columns {
        let slope = upstream[start + column] * inputs[1][column]
        dx[start + column] = inverse[start / columns] * (slope - plain - x[start + column] * weighted)
      }
    }
    return inputs.count > 2 ? [dx, scale, shift] : [dx, scale]
  }
}
