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

/// One square matrix product, large enough to reach the processor's speed.
private final class LargeProduct {
  private static let size = 1024
  static var operations: Double { 2 * Double(size * size * size) }

  private let engine = Engine()
  private let format: ProductFormat
  private let values: Buffer
  private let rounded: Buffer?
  private let result: Buffer

  init(precision: Precision) {
    let count = Self.size * Self.size
    format = engine.format(of: precision)
    values = engine.pool.take(count)
    result = engine.pool.take(count)
    rounded = format.room(count, in: engine.pool)
    for index in 0..<count { values.pointer[index] = Float(index % 17 - 8) / 64 }
    format.round(values.pointer, 0..<count, into: rounded)
  }

  func run() {
    let operand = format.operand(values.pointer, rounded, stride: Self.size)
    engine.multipliers[0].run(
      format, operand, operand, rows: Self.size, columns: Self.size, inner: Self.size, into: result.pointer,
      stride: Self.size)
  }
}
