/// What GELU was taken of, for the backward pass to make its result and its slope of.
///
/// One exponential serves both, so whoever makes the result again leaves the slopes where the sums were.
final class RememberedGELU {
  /// Sums, then slopes.
  private let memory: Buffer
  private let count: Int
  private var holdsSlopes = false

  init(count: Int, pool: BufferPool) {
    memory = pool.take(count)
    self.count = count
  }

  var sums: UnsafeMutablePointer<Float> { memory.pointer }

  /// How GELU is taken again.
  var remaking: RememberedValues.Remaking {
    RememberedValues.Remaking(pieces: .ofElements(count), begin: { self.holdsSlopes = true }) { elements, values in
      Kernels.geluAndSlope(values, self.memory.pointer + elements.lowerBound, elements.count)
    }
  }

  /// Turns the gradient of some elements of the result into that of the sums, in place.
  func backward(_ gradient: UnsafeMutablePointer<Float>, of elements: Range<Int>) {
    let own = memory.pointer + elements.lowerBound
    if holdsSlopes {
      Kernels.multiply(gradient, gradient, own, elements.count)
    } else {
      let slot = GradientSlot(pointer: gradient, count: elements.count, accumulates: false)
      Kernels.geluBackward(slot, offset: 0, gradient, x: own, elements.count)
    }
  }
}
