extension Tensor {
  /// One row of a matrix of `width` columns.
  package func row(_ index: Int, of width: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: pointer + index * width, count: width)
  }

  /// The gradient so far, zero where no consumer has contributed yet: for operations on a few scores a row, where clearing
  /// costs nothing.
  package func clearedGradient() -> UnsafeMutablePointer<Float> {
    let slot = gradientSlot()
    if !slot.accumulates { slot.pointer.update(repeating: 0, count: count) }
    return slot.pointer
  }
}
