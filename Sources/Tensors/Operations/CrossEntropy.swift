import Support

extension Pass {
  /// The cross entropy of each row of `logits` [n, c] with its label; the result is [n].
  ///
  /// Label smoothing and class weights mean what PyTorch's `cross_entropy(reduction="none")` means by them: the target is
  /// w[y] (1 - ε) for the label y plus w[k] ε / c for every class k. A label out of range traps.
  public func crossEntropy(
    _ logits: Tensor, labels: [Int32], smoothing: Float = 0, classWeights: [Float]? = nil
  ) -> Tensor {
    require(logits.shape.rank == 2, "cross entropy takes logits [n, c], not shape \(logits.shape)")
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    require(labels.count == rows, "\(labels.count) labels for \(rows) rows of logits")
    require(
      classWeights.map { $0.count == classes } ?? true, "\(classWeights?.count ?? 0) weights for \(classes) classes")
    for label in labels { require((0..<classes).contains(Int(label)), "label \(label) of \(classes) classes") }
    let weights = classWeights ?? Array(repeating: 1, count: classes)
    let spread = weights.map { $0 * smoothing / Float(classes) }
    let spreadSum = spread.reduce(0, +)

    let result = result([rows], from: [logits])
    let probabilities = engine.pool.take(logits.count)
    let sums = engine.pool.take(2 * rows)
    let (largest, inverse) = (sums.pointer, sums.pointer + rows)
    probabilities.pointer.update(from: logits.pointer, count: logits.count)
    Kernels.softmax(
      probabilities.pointer, largest: largest, inverse: inverse, factor: 1, rows: rows, columns: classes,
      stride: classes)
    for row in 0..<rows {
      let logSum = largest[row] - Float(PortableFunctions.log(Double(inverse[row])))
      let values = logits.pointer + row * classes
      let label = Int(labels[row])
      var loss = (1 - smoothing) * weights[label] * (logSum - values[label])
      if smoothing > 0 { for index in 0..<classes { loss += spread[index] * (logSum - values[index]) } }
      result.pointer[row] = loss
    }
    record(result) { gradient in
      let slot = logits.gradientSlot()
      for row in 0..<rows {
        let label = Int(labels[row])
        let confident = (1 - smoothing) * weights[label]
        for index in 0..<classes {
          let target = spread[index] + (index == label ? confident : 0)
          let value = gradient[row] * (probabilities.pointer[row * classes + index] * (confident + spreadSum) - target)
          let place = slot.pointer + row * classes + index
          place.pointee = slot.accumulates ? place.pointee + value : value
        }
      }
    }
    return result
  }
}
