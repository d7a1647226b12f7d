#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Twin {
  /// Input: packed tokens [n, columns].
  package static func pool(_ pooling: TokenPooling, offsets: [Int32], columns: Int) -> Twin {
    /// The weight of each token in the result of its row, column by column.
    @Sendable func weights(_ x: Vector) -> [(result: Int, place: Int, weight: Double)] {
      (0..<(offsets.count - 1) * columns).flatMap { result in
        let (row, column) = (result / columns, result % columns)
        let places = (Int(offsets[row])..<Int(offsets[row + 1])).map { $0 * columns + column }
        switch pooling {
        case .mean: return places.map { (result, $0, 1 / Double(places.count)) }
        case .max:
          guard let first = places.first else { return [] }
          return [(result, places.reduce(first) { x[$1] > x[$0] ? $1 : $0 }, 1)]
        }
      }
    }
    return Twin(
      forward: { inputs in
        var result = Vector(repeating: 0, count: (offsets.count - 1) * columns)
        for term in weights(inputs[0]) { result[term.result] += term.weight * inputs[0][term.place] }
        return result
      },
      backward: { inputs, upstream in
        var gradient = Vector(repeating: 0, count: inputs[0].count)
        for term in weights(inputs[0]) { gradient[term.place] += term.weight * upstream[term.result] }
        return [gradient]
      })
  }

  /// Input: tokens [n, columns].
  package static func rotary(
    columns: Int, heads: Int, positions: [Int32], base: Double, pairing: RotaryPairing
  ) -> Twin {
    let depth = columns / heads
    @Sendable func turned(_ x: Vector, direction: Double) -> Vector {
      var result = x
      for (token, head) in positions.indices.flatMap({ token in (0..<heads).map { (token, $0) } }) {
        for pair in 0..<depth / 2 {
          let start = token * columns + head * depth
          let (first, second) =
            pairing == .halves
            ? (start + pair, start + pair + depth / 2) : (start + 2 * pair, start + 2 * pair + 1)
          let angle = direction * Double(positions[token]) / pow(base, 2 * Double(pair) / Double(depth))
          result[first] = x[first] * cos(angle) - x[second] * sin(angle)
          result[second] = x[second] * cos(angle) + x[first] * sin(angle)
        }
      }
      return result
    }
    return Twin(
      forward: { turned($0[0], direction: 1) }, backward: { _, upstream in [turned(upstream, direction: -1)] })
  }

  /// Inputs: packed tokens [n, inputs], weight [outputs, inputs, taps] and, with `bias`, b [outputs].
  package static func tokenConvolution(
    offsets: [Int32], inputs: Int, outputs: Int, taps: Int, bias: Bool
  ) -> Twin {
    /// Calls `body` with the places of the result, the input and the weight of every product.
    @Sendable func forEachTerm(_ body: (_ result: Int, _ input: Int, _ weight: Int) -> Void) {
      for (start, end) in zip(offsets, offsets.dropFirst()) {
        for (token, tap) in (Int(start)..<Int(end)).flatMap({ token in (0..<taps).map { (token, $0) } }) {
          let neighbour = token + tap - taps / 2
          guard neighbour >= Int(start), neighbour < Int(end) else { continue }
          for (output, channel) in (0..<outputs * inputs).map({ ($0 / inputs, $0 % inputs) }) {
            body(
              token * outputs + output, neighbour * inputs + channel, (output * inputs + channel) * taps + tap)
          }
        }
      }
    }
    return Twin(
      forward: { all in
        let tokens = Int(offsets.last ?? 0)
        var result = (0..<tokens * outputs).map { bias ? all[2][$0 % outputs] : 0 }
        forEachTerm { result[$0] += all[0][$1] * all[1][$2] }
        return result
      },
      backward: { all, upstream in
        var gradients = all.map { Vector(repeating: 0, count: $0.count) }
        forEachTerm { result, input, weight in
          gradients[0][input] += upstream[result] * all[1][weight]
          gradients[1][weight] += upstream[result] * all[0][input]
        }
        if bias { for (place, slope) in upstream.enumerated() { gradients[2][place % outputs] += slope } }
        return gradients
      })
  }
}
