extension Pass {
  /// Matrices of equal rows side by side: [n, a], [n, b] … become [n, a + b + …]. No matrices trap.
  public func concatenated(_ inputs: [Tensor]) -> Tensor {
    guard let rows = inputs.first?.shape[0] else { fatalError("a concatenation needs at least one matrix") }
    for input in inputs {
      require(
        input.shape.rank == 2 && input.shape[0] == rows, "shape \(input.shape) cannot stand next to \(rows) rows")
    }
    let columns = inputs.reduce(0) { $0 + $1.shape[1] }
    let result = result([rows, columns], from: inputs)
    var first = 0
    var targets: [(cell: GradientCell?, first: Int, width: Int)] = []
    for input in inputs {
      let width = input.shape[1]
      for row in 0..<rows {
        (result.pointer + row * columns + first).update(from: input.pointer + row * width, count: width)
      }
      targets.append((input.gradientTarget, first, width))
      first += width
    }
    record(result) { gradient in
      for (cell, first, width) in targets {
        guard let slot = cell?.slot() else { continue }
        for row in 0..<rows {
          Kernels.scale(
            slot.pointer + row * width, gradient + row * columns + first, by: 1, width, accumulates: slot.accumulates)
        }
      }
    }
    return result
  }
}
