#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Twin {
  /// Inputs: query [m, h], key and value [n, h], packed as `Pass.attention` takes them; with tables the two of
  /// `Pass.disentangledAttention`, those that are there.
  package static func attention(
    width: Int, heads: Int, rows: [Int32], offsets: [Int32], queryOffsets: [Int32], window: Int? = nil,
    tables: PositionTables? = nil, mask: DropoutMask?
  ) -> Twin {
    let depth = width / heads
    let blocks = rows.indices.flatMap { index in
      (0..<heads).map { head in
        AttentionBlock(
          row: UInt32(rows[index]), head: head, tokens: Int(offsets[index])..<Int(offsets[index + 1]),
          queries: Int(queryOffsets[index])..<Int(queryOffsets[index + 1]), width: width, depth: depth,
          window: window ?? .max, tables: tables, mask: mask)
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

/// Which tables of relative positions attention has, and their rows.
package struct PositionTables: Sendable {
  let positions: RelativePositions
  let hasKeys: Bool
  let hasQueries: Bool
  /// What the scale counts.
  let terms: Int

  package init(_ positions: RelativePositions, hasKeys: Bool, hasQueries: Bool, terms: Int) {
    self.positions = positions
    self.hasKeys = hasKeys
    self.hasQueries = hasQueries
    self.terms = terms
  }

  /// The input that holds the table of keys.
  var keys: Int? { hasKeys ? 3 : nil }
  /// The input that holds the table of queries.
  var queries: Int? { hasQueries ? (hasKeys ? 4 : 3) : nil }
}

/// One row of the batch and one head.
private struct AttentionBlock {
  let row: UInt32
  let head: Int
  let tokens: Range<Int>
  let queries: Range<Int>
  let width: Int
  let depth: Int
  let window: Int
  let tables: PositionTables?
  let mask: DropoutMask?

  private func place(_ token: Int, _ column: Int) -> Int { token * width + head * depth + column }

  private func product(_ a: [Double], _ i: Int, _ b: [Double], _ j: Int) -> Double {
    (0..<depth).reduce(0) { $0 + a[place(i, $1)] * b[place(j, $1)] }
  }

  private func position(_ query: Int) -> Int { query - queries.lowerBound }

  private var scale: Double { Double(depth * (tables?.terms ?? 1)).squareRoot() }

  /// The pairs of inputs and rows whose products are a score.
  private func factors(query: Int, key: Int) -> [(left: (input: Int, row: Int), right: (input: Int, row: Int))] {
    var factors = [(left: (input: 0, row: query), right: (input: 1, row: key))]
    if let tables {
      let row = tables.positions.row(position(query) - (key - tokens.lowerBound))
      if let keys = tables.keys { factors.append(((0, query), (keys, row))) }
      if let queries = tables.queries { factors.append(((1, key), (queries, row))) }
    }
    return factors
  }

  private func keys(of query: Int) -> [Int] {
    tokens.filter { abs(position(query) - ($0 - tokens.lowerBound)) <= window }
  }

  private func probabilities(_ inputs: [[Double]], query: Int) -> [Double] {
    let scores = keys(of: query).map { key in
      factors(query: query, key: key).reduce(0) { sum, pair in
        sum + product(inputs[pair.left.input], pair.left.row, inputs[pair.right.input], pair.right.row)
      } / scale
    }
    let largest = scores.max() ?? 0
    let sum = scores.reduce(0) { $0 + exp($1 - largest) }
    return scores.map { exp($0 - largest) / sum }
  }

  private func keepFactor(query: Int, key: Int) -> Double {
    guard let mask else { return 1 }
    let outer = UInt32(head) << 16 | UInt32(position(query))
    return mask.keeps(row: row, outer: outer, inner: key - tokens.lowerBound) ? Double(mask.scale) : 0
  }

  func forward(_ inputs: [[Double]], into result: inout [Double]) {
    for query in queries {
      for (key, probability) in zip(keys(of: query), probabilities(inputs, query: query)) {
        let weight = probability * keepFactor(query: query, key: key)
        for column in 0..<depth { result[place(query, column)] += weight * inputs[2][place(key, column)] }
      }
    }
  }

  func backward(_ inputs: [[Double]], _ upstream: [Double], into gradients: inout [[Double]]) {
    for query in queries {
      let probabilities = probabilities(inputs, query: query)
      let keys = keys(of: query)
      let keeps = keys.map { keepFactor(query: query, key: $0) }
      let slopes = zip(keys, keeps).map { product(upstream, query, inputs[2], $0) * $1 }
      let mean = zip(slopes, probabilities).reduce(0) { $0 + $1.0 * $1.1 }
      for (index, key) in keys.enumerated() {
        let slope = probabilities[index] * (slopes[index] - mean) / scale
        for column in 0..<depth {
          gradients[2][place(key, column)] += probabilities[index] * keeps[index] * upstream[place(query, column)]
          for (left, right) in factors(query: query, key: key) {
            gradients[left.input][place(left.row, column)] += slope * inputs[right.input][place(right.row, column)]
            gradients[right.input][place(right.row, column)] += slope * inputs[left.input][place(left.row, column)]
          }
        }
      }
    }
  }
}
