import Support

/// Which two columns of a head turn together.
public enum RotaryPairing: Sendable {
  /// i and i + d / 2.
  case halves
  /// 2 i and 2 i + 1, as published.
  case neighbours
}

extension Pass {
  /// Rotary position embedding (Su et al. 2021, arXiv:2104.09864) of `input` [n, h]: pair i of each head's d columns turns by
  /// the angle position · base^(-2 i / d).
  public func rotary(
    _ input: Tensor, heads: Int, positions: [Int32], base: Double, pairing: RotaryPairing
  ) -> Tensor {
    require(
      input.shape.rank == 2 && heads > 0 && input.shape[1].isMultiple(of: 2 * heads)
        && positions.count == input.shape[0],
      "\(heads) heads of shape \(input.shape) cannot be turned by \(positions.count) positions")
    require(positions.allSatisfy { $0 >= 0 }, "a position is negative")
    let depth = input.shape[1] / heads
    let table = engine.rotations.table(
      base: base, depth: depth, positions: Int(positions.max() ?? 0) + 1, pool: engine.pool)
    let result = result(input.shape, from: [input])
    let panels = Panels.ofRows(positions.count)
    func turn(_ from: UnsafeMutablePointer<Float>, to slot: GradientSlot, back: Bool) {
      engine.workers.run(pieces: panels.count) { piece in
        for token in panels[piece] {
          Kernels.rotate(
            slot.pointer + token * heads * depth, from + token * heads * depth,
            table: table.pointer + Int(positions[token]) * depth, back: back, heads: heads, depth: depth,
            neighbours: pairing == .neighbours, accumulates: slot.accumulates)
        }
      }
    }
    turn(input.pointer, to: GradientSlot(pointer: result.pointer, count: result.count, accumulates: false), back: false)
    let target = input.gradientTarget
    record(result) { gradient in
      guard let slot = target?.slot() else { return }
      turn(gradient, to: slot, back: true)
    }
    return result
  }
}

/// The cosines and sines of rotary embeddings, in Float64 until they are stored: a table for each base and width of a head,
/// which grows with the longest row.
final class RotationTables {
  private struct Kind: Hashable {
    let base: Double
    let depth: Int
  }

  private var tables: [Kind: (positions: Int, values: Buffer)] = [:]

  /// For each position d / 2 cosines, then d / 2 sines.
  func table(base: Double, depth: Int, positions: Int, pool: BufferPool) -> Buffer {
    let kind = Kind(base: base, depth: depth)
    if let known = tables[kind], known.positions >= positions { return known.values }
    let positions = (positions + 127) / 128 * 128
    let values = pool.take(positions * depth)
    for index in 0..<depth / 2 {
      let frequency = PortableFunctions.pow(base, -2 * Double(index) / Double(depth))
      for position in 0..<positions {
        values.pointer[position * depth + index] = Float(PortableFunctions.cos(Double(position) * frequency))
        values.pointer[position * depth + depth / 2 + index] = Float(
          PortableFunctions.sin(Double(position) * frequency))
      }
    }
    tables[kind] = (positions, values)
    return values
  }
}
