/// How long an encoder's training step takes beside its matrix products alone, and what share of it one large product's
/// speed would account for.
package struct StepMeasurement: Sendable {
  package let shape: EncoderShape
  /// Seconds of all matrix products of the step alone, in Float32 on one thread: the floor.
  package let productSeconds: Double
  /// Seconds of forward and backward.
  package let stepSeconds: Double
  /// Floating-point operations a second of one large product in the step's precision on one thread.
  package let largeProductRate: Double
  /// Bytes of intermediate values.
  package let intermediateBytes: Int

  /// The step in units of its floor.
  package var ratio: Double { stepSeconds / productSeconds }

  /// Model FLOP utilisation: the share of the step that its products would take at the speed of one large product on every
  /// thread.
  package func utilisation(threads: Int) -> Double {
    shape.operations / (largeProductRate * Double(threads)) / stepSeconds
  }

  /// Medians of `rounds` turns in which the three are measured one after the other.
  package static func take(
    _ shape: EncoderShape, threads: Int = 1, precision: Precision = .fp32, rounds: Int = 5
  ) -> StepMeasurement {
    precondition(rounds > 0, "a measurement needs rounds, not \(rounds)")
    let floor = ProductFloor(shape)
    let step = EncoderStep(shape, threads: threads, precision: precision)
    let large = LargeProduct(precision: precision)
    var products: [Double] = []
    var steps: [Double] = []
    var rates: [Double] = []
    for round in -1..<rounds {
      let product = seconds { floor.run() }
      let time = seconds { step.run(step: round + 1) }
      let rate = LargeProduct.operations / seconds { large.run() }
      // The first turn touches memory and compiles products; it does not count.
      guard round >= 0 else { continue }
      products.append(product)
      steps.append(time)
      rates.append(rate)
    }
    return StepMeasurement(
      shape: shape, productSeconds: median(products), stepSeconds: median(steps), largeProductRate: median(rates),
      intermediateBytes: step.intermediateBytes)
  }

  private static func seconds(_ body: () -> Void) -> Double {
    let duration = ContinuousClock().measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
