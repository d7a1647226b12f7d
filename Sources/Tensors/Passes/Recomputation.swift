/// A part of a forward pass of which nothing is kept but what it reads: the backward pass computes it a second time (Chen et
/// al. 2016, arXiv:1604.06174).
///
///     forward    x ─ body, no tape ─▶ y              x stays, all between x and y goes back to the pool
///     backward   x ─ body, own tape ─▶ y again       the tape of the part runs at once, from the gradient of y
///
/// The second run draws the masks of the first. It adds to the gradients of the same tensors and parameters, in the order in
/// which a taped part would have: not a bit of any gradient differs.
extension Pass {
  /// The result of `body`, which runs once now and once in the backward pass.
  ///
  /// - Parameters:
  ///   - inputs: what `body` reads and the tape therefore keeps; rounded copies of them for products are made again.
  ///   - body: a function of tensors and of the pass that it is given, to which it leaves all random numbers. It makes its
  ///     result, and holds no batch norm, which would see the batch twice.
  public func recomputed(from inputs: [Tensor], _ body: @escaping (Pass) -> Tensor) -> Tensor {
    guard let tape else { return body(self) }
    let start = Pass(continuing: self, tape: nil)
    let (values, uses) = runUntaped(body)
    inputs.forEach { $0.roundedCopy = nil }
    guard uses.needsGradient else { return values }
    let result = Tensor(sharing: values, pool: engine.pool)
    tape.noteUse(of: uses.parameters)
    let cell = result.gradientCell
    tape.record { [unowned tape] in
      guard cell.pointer != nil else { return }
      let own = Tape(within: tape)
      body(Pass(continuing: start, tape: own)).gradientCell.take(over: cell)
      own.backward()
    }
    return result
  }

  /// Runs `body` without a tape; this pass draws its further masks as if it had run it itself.
  private func runUntaped(_ body: (Pass) -> Tensor) -> (Tensor, NotedUses) {
    let uses = NotedUses()
    let untaped = Pass(continuing: self, tape: nil)
    untaped.uses = uses
    let values = body(untaped)
    draws = untaped.draws
    return (values, uses)
  }

  /// A pass with the same random numbers, from those on that `other` would draw next.
  private convenience init(continuing other: Pass, tape: Tape?) {
    self.init(
      engine: other.engine, mode: other.mode, tape: tape, randomness: other.randomness, rows: other.rows,
      precision: other.precision, probe: other.probe, statistics: other.statistics)
    draws = other.draws
  }
}

/// What operations without a tape would have needed one for.
final class NotedUses {
  /// Whether any of them has an input that needs a gradient, or a trained parameter.
  private(set) var needsGradient = false
  private(set) var parameters: [Parameter] = []

  func note(_ parameters: [Parameter], needsGradient: Bool) {
    self.needsGradient = self.needsGradient || needsGradient
    self.parameters += parameters
  }
}
