import Support

extension Tensor {
  /// The logarithm of the sum of the exponentials of each row of a matrix [n, c], without a gradient.
  public var rowLogSums: [Float] {
    require(shape.rank == 2, "rows of a matrix are summed, not of shape \(shape)")
    let columns = shape[1]
    var scratch = [Float](repeating: 0, count: columns + 2)
    return scratch.withUnsafeMutableBufferPointer { scratch in
      guard let values = scratch.baseAddress else { return [] }
      let (largest, inverse) = (values + columns, values + columns + 1)
      return (0..<shape[0]).map { row in
        values.update(from: pointer + row * columns, count: columns)
        Kernels.softmax(
          values, largest: largest, inverse: inverse, factor: 1, rows: 1, columns: columns, stride: columns)
        return largest.pointee - Float(PortableFunctions.log(Double(inverse.pointee)))
      }
    }
  }
}
