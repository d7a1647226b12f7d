extension Twin {
  /// Inputs: as many equal vectors as there are factors.
  package static func scaled(_ factors: [Double]) -> Twin {
    Twin(
      forward: { inputs in
        inputs[0].indices.map { index in
          zip(inputs, factors).reduce(0) { sum, term in sum + term.0[index] * term.1 }
        }
      },
      backward: { _, upstream in factors.map { factor in upstream.map { $0 * factor } } })
  }

  /// Input: one matrix with `columns` columns.
  package static func gatherRows(_ indices: [Int32], columns: Int) -> Twin {
    Twin(
      forward: { inputs in
        indices.flatMap { inputs[0][Int($0) * columns..<(Int($0) + 1) * columns] }
      },
      backward: { inputs, upstream in
        var gradient = Vector(repeating: 0, count: inputs[0].count)
        for (row, index) in indices.enumerated() {
          for column in 0..<columns { gradient[Int(index) * columns + column] += upstream[row * columns + column] }
        }
        return [gradient]
      })
  }

  /// Inputs: one table [_, columns] for each list of ids.
  package static func embeddings(_ ids: [[Int32]], columns: Int) -> Twin {
    let lookups = ids.map { gatherRows($0, columns: columns) }
    return Twin(
      forward: { inputs in
        let parts = zip(lookups, inputs).map { $0.forward([$1]) }
        return scaled(parts.map { _ in 1 }).forward(parts)
      },
      backward: { inputs, upstream in zip(lookups, inputs).map { $0.backward([$1], upstream)[0] } })
  }
}
