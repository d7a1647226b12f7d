import Tensors

extension Pass {
  /// The mean over columns of (values - target)² for each row of two [n, c]; the result is [n]. The target gets no gradient.
  public func meanSquaredError(_ values: Tensor, _ target: Tensor) -> Tensor {
    precondition(
      values.shape.rank == 2 && values.shape == target.shape,
      "shapes \(values.shape) and \(target.shape) have no squared error")
    let (rows, columns) = (values.shape[0], values.shape[1])
    let result = result([rows], from: [values])
    for row in 0..<rows {
      let pairs = zip(values.row(row, of: columns), target.row(row, of: columns))
      let sum = pairs.reduce(0.0) { sum, pair in
        let difference = Double(pair.0) - Double(pair.1)
        return sum + difference * difference
      }
      result.values[row] = Float(sum / Double(columns))
    }
    record(result) { upstream in
      let slot = values.clearedGradient()
      for index in 0..<values.count {
        slot[index] += upstream[index / columns] * 2 / Float(columns) * (values.pointer[index] - target.pointer[index])
      }
    }
    return result
  }
}
