/// The backward passes of a forward computation, in the order in which the forward ran.
///
/// Each operation, after its forward, records the closure that turns the gradient of its result into shares of its inputs'
/// gradients. Running the tape backwards is the whole of automatic differentiation.
public final class Tape {
  private var steps: [() -> Void] = []
  /// Parameters in the order of their first use, each with the steps that were recorded before.
  private var firstUses: [(steps: Int, parameter: Parameter)] = []
  private var known: Set<ObjectIdentifier> = []
  private let onFinal: ((Parameter) -> Void)?

  public convenience init() { self.init(onFinal: nil) }

  /// - Parameter onFinal: called for a parameter when the backward pass has made its last contribution to its gradient: each
  ///   that an operation was said to have (`Pass.result`), once, while the rest of the pass is still to come.
  package init(onFinal: ((Parameter) -> Void)?) { self.onFinal = onFinal }

  /// The tape of a part of what another has recorded, which runs while that runs the part's step.
  init(within whole: Tape) {
    onFinal = whole.onFinal == nil ? nil : { [unowned whole] in whole.finish($0) }
  }

  package func record(_ backward: @escaping () -> Void) { steps.append(backward) }

  /// The operation that is about to be recorded has these parameters.
  func noteUse(of parameters: [Parameter]) {
    guard onFinal != nil else { return }
    for parameter in parameters where known.insert(ObjectIdentifier(parameter)).inserted {
      firstUses.append((steps.count, parameter))
    }
  }

  /// Runs the recorded steps last to first; each is dropped once it has run, and the memory it kept goes back to the pool.
  ///
  /// The results whose gradients start the computation must have been seeded before (`Tensor.seedGradient`).
  public func backward() {
    while let step = steps.popLast() {
      step()
      // No step that is left was recorded after the first use of these.
      while let use = firstUses.last, use.steps >= steps.count {
        firstUses.removeLast()
        onFinal?(use.parameter)
      }
    }
  }

  /// The step that runs has made its last contribution to the gradient of `parameter`: final in the step of its first use.
  private func finish(_ parameter: Parameter) {
    guard let place = firstUses.lastIndex(where: { $0.parameter === parameter }), firstUses[place].steps >= steps.count
    else { return }
    firstUses.remove(at: place)
    onFinal?(parameter)
  }

  /// Drops everything recorded without running it.
  public func discard() {
    steps.removeAll(keepingCapacity: true)
    firstUses.removeAll()
    known.removeAll()
  }
}

extension Tensor {
  /// Starts a backward computation: every element of the gradient of this tensor is `value`.
  public func seedGradient(_ value: Float) {
    let slot = gradientSlot()
    for index in 0..<count { slot.pointer[index] = slot.accumulates ? slot.pointer[index] + value : value }
  }

  /// Starts a backward computation: the gradient of each element is `value` times its weight.
  public func seedGradient(_ value: Float, weights: [Float]) {
    precondition(weights.count == count, "\(weights.count) weights for \(count) elements")
    let slot = gradientSlot()
    for (index, weight) in weights.enumerated() {
      let seed = value * weight
      slot.pointer[index] = slot.accumulates ? slot.pointer[index] + seed : seed
    }
  }
}
