#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Twin {
  /// Inputs: query [m, h], key and value [n, h], packed as `Pass.attention` takes them.
  package static func attention(
    width: Int, heads: Int, rows: [Int32], offsets: [Int32], queryOffsets: [Int32], mask: DropoutMask?
  ) -> Twin {
    let depth = width / heads
    let blocks = rows.indices.flatMap { index in
      (0..<heads).map { head in
        AttentionBlock(
          row: UInt32(rows[index]), head: head, tokens: Int(offsets[index])..<Int(offsets[index + 1]),
          queries: Int(queryOffsets[index])..<Int(queryOffsets[index + 1]), width: width, depth: depth, mask: mask)
      }
    }
    return Twin(
      forward: { inputs in
        var result = Vector(repeating: 0, count: inputs[0].count)
        for block in blocks { block.forward(inputs, into: &result) }
        return result
      },
      backward: { inputs, upstream in
        var gradients = inputs.map { Vector(repeating: 0, count: $0.count) }
        for block in blocks { block.backward(inputs, upstream, into: &gradients) }
        return gradients
      })
  }
}

/// One row of the batch and one head.
private struct AttentionBlock {
  let row: UInt32
  let head: Int
  let tokens: Range<Int>
  let queries: Range<Int>
  let width: Int
  let depth: Int
  let mask: DropoutMask?

  private func place(_ token: Int, _ column: Int) -> Int { token * width + head * depth + column }

  private func product(_ a: [Double], _ i: Int, _ b: [Double], _ j: Int) -> Double {
    (0..<depth).reduce(0) { $0 + a[place(i, $1)] * b[place(j, $1)] }
  }

  private func probabilities(_ inputs: [[Double]], query: Int) -> [Double] {
    let scores = tokens.map { product(inputs[0], query, inputs[1], $0) / Double(depth).squareRoot() }
    let largest = scores.max() ?? 0
    let sum = scores.reduce(0) { $0 + exp($1 - largest) }
    return scores.map { exp($0 - largest) / sum }
  }

  private func keepFactor(query: Int, key: Int) -> Double {
    guard let mask else { return 1 }
    let outer = UInt32(head) << 16 | UInt32(query - queries.lowerBound)
    return mask.keeps(row: row, outer: outer, inner: key - tokens.lowerBound) ? Double(mask.scale) : 0
  }

  func forward(_ inputs: [[Double]], into result: inout [Double]) {
    for query in queries {
      for (key, probability) in zip(tokens, probabilities(inputs, query: query)) {
        let weight = probability * keepFactor(query: query, key: key)
        for column in 0..<depth { result[place(query, column)] += weight * inputs[2][place(key, column)] }
      }
    }
  }

  func backward(_ inputs: [[Double]], _ upstream: [Double], into gradients: inout [[Double]]) {
    for query in queries {
      let probabilities = probabilities(inputs, query: query)
      let factors = tokens.map { keepFactor(query: query, key: $0) }
      let slopes = zip(tokens, factors).map { product(upstream, query, inputs[2], $0) * $1 }
      let mean = zip(slopes, probabilities).reduce(0) { $0 + $1.0 * $1.1 }
      for (index, key) in tokens.enumerated() {
        let slope = probabilities[index] * (slopes[index] - mean) / Double(depth).squareRoot()
        for column in 0..<depth {
          gradients[0][place(query, column)] += slope * inputs[1][place(key, column)]
          gradients[1][place(key, column)] += slope * inputs[0][place(query, column)]
          gradients[2][place(key, column)] += probabilities[index] * factors[index] * upstream[place(query, column)]
        }
      }
    }
  }
}
