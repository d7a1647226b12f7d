/// What an activation was taken of, for the backward pass to recompute its result and its slope from.
///
/// Result and slope share most of their work, so whoever recomputes the result leaves the slopes where the sums were.
final class RecomputedActivation {
  private let activation: Activation
  /// Sums, then slopes.
  private let memory: Buffer
  private let count: Int
  private var holdsSlopes = false

  init(_ activation: Activation, count: Int, pool: BufferPool) {
    self.activation = activation
    memory = pool.take(count)
    self.count = count
  }

  var sums: UnsafeMutablePointer<Float> { memory.pointer }

  /// How the activation is taken again.
  var remaking: RememberedValues.Remaking {
    RememberedValues.Remaking(pieces: .ofElements(count), begin: { self.holdsSlopes = true }) { elements, values in
      Kernels.activationAndSlope(self.activation, values, self.memory.pointer + elements.lowerBound, elements.count)
    }
  }

  /// Turns the gradient of some elements of the result into that of the sums, in place.
  func backward(_ gradient: UnsafeMutablePointer<Float>, of elements: Range<Int>) {
    let own = memory.pointer + elements.lowerBound
    if holdsSlopes {
      Kernels.multiply(gradient, gradient, own, elements.count)
    } else {
      let slot = GradientSlot(pointer: gradient, count: elements.count, accumulates: false)
      Kernels.activationBackward(activation, slot, offset: 0, gradient, x: own, elements.count)
    }
  }
}
