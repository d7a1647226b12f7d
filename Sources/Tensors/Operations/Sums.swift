extension Pass {
  /// a + b of equal shapes.
  public func add(_ a: Tensor, _ b: Tensor) -> Tensor { scaled([(a, 1), (b, 1)]) }

  /// Σ factor · tensor over tensors of one shape. No terms trap.
  public func scaled(_ terms: [(tensor: Tensor, factor: Float)]) -> Tensor {
    guard let shape = terms.first?.tensor.shape else { fatalError("a weighted sum needs at least one term") }
    for term in terms {
      require(term.tensor.shape == shape, "tensors of shapes \(shape) and \(term.tensor.shape) cannot be summed")
    }
    let result = result(shape, from: terms.map(\.tensor))
    engine.forEachElements(shape.count) { range in
      for (index, term) in terms.enumerated() {
        Kernels.scale(
          result.pointer + range.lowerBound, term.tensor.pointer + range.lowerBound, by: term.factor, range.count,
          accumulates: index > 0)
      }
    }
    let targets = terms.compactMap { term in term.tensor.gradientTarget.map { (cell: $0, factor: term.factor) } }
    record(result) { [engine] gradient in
      for target in targets {
        let slot = target.cell.slot()
        engine.forEachElements(shape.count) { range in
          Kernels.scale(
            slot.pointer + range.lowerBound, gradient + range.lowerBound, by: target.factor, range.count,
            accumulates: slot.accumulates)
        }
      }
    }
    return result
  }
}
