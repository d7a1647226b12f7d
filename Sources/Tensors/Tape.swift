/// The backward passes of a forward computation, in the order in which the forward ran.
///
/// Each operation, after its forward, records the closure that turns the gradient of its result into shares of its inputs'
/// gradients. Running the tape backwards is the whole of automatic differentiation.
public final class Tape {
  private var steps: [() -> Void] = []

  public init() {}

  package func record(_ backward: @escaping () -> Void) { steps.append(backward) }

  /// Runs the recorded steps last to first; each is dropped once it has run, and the memory it kept goes back to the pool.
  ///
  /// The results whose gradients start the computation must have been seeded before (`Tensor.seedGradient`).
  public func backward() {
    while let step = steps.popLast() { step() }
  }

  /// Drops everything recorded without running it.
  public func discard() { steps.removeAll(keepingCapacity: true) }
}

extension Tensor {
  /// Starts a backward computation: every element of the gradient of this tensor is `value`.
  public func seedGradient(_ value: Float) {
    let slot = gradientSlot()
    for index in 0..<count { slot.pointer[index] = slot.accumulates ? slot.pointer[index] + value : value }
  }
}
