extension Pass {
  /// The rows of a matrix [n, c], and behind them the values of parameters as rows of c.
  public func stacked(_ matrix: Tensor, _ parameters: [Parameter]) -> Tensor {
    let width = matrix.shape[1]
    for parameter in parameters {
      require(
        parameter.shape.dimensions.last == width,
        "\(parameter.name): shape \(parameter.shape) behind rows of \(width)")
    }
    let rows = matrix.shape[0] + parameters.reduce(0) { $0 + $1.count / width }
    let result = result([rows, width], from: [matrix], parameters: parameters)
    result.pointer.update(from: matrix.pointer, count: matrix.count)
    var end = matrix.count
    for parameter in parameters {
      (result.pointer + end).update(from: parameter.pointer, count: parameter.count)
      end += parameter.count
    }
    let (target, count) = (matrix.gradientTarget, matrix.count)
    record(result) { gradient in
      target?.slot().add { gradient[$0] }
      var start = count
      for parameter in parameters {
        let own = start
        if !parameter.isFrozen { parameter.gradientSlot().add { gradient[own + $0] } }
        start += parameter.count
      }
    }
    return result
  }
}
