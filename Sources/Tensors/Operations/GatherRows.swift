extension Pass {
  /// The rows of `input` [n, h] at `indices`, in that order; the result is [indices.count, h]. A row may be taken twice.
  public func gatherRows(_ input: Tensor, _ indices: [Int32]) -> Tensor {
    require(input.shape.rank == 2, "rows are gathered from a matrix, not from shape \(input.shape)")
    let (rows, columns) = (input.shape[0], input.shape[1])
    for index in indices { require((0..<rows).contains(Int(index)), "row \(index) of \(rows) cannot be gathered") }
    let result = result([indices.count, columns], from: [input])
    for (row, index) in indices.enumerated() {
      (result.pointer + row * columns).update(from: input.pointer + Int(index) * columns, count: columns)
    }
    let target = input.gradientCell
    record(result) { gradient in
      let slot = target.slot()
      if !slot.accumulates { slot.pointer.update(repeating: 0, count: slot.count) }
      for (row, index) in indices.enumerated() {
        let target = slot.pointer + Int(index) * columns
        Kernels.add(target, target, gradient + row * columns, columns)
      }
    }
    return result
  }
}
