import Tensors
import Testing

@Suite struct PrecisionTests {
  private static let shapes = OperationCases.linear.filter { $0.name.hasPrefix("linear [") } + [OperationCases.large[0]]

  private static func brain16(_ x: Double) -> Double {
    let bits = Float(x).bitPattern
    return Double(Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000))
  }

  private static func half(_ x: Double) -> Double { Double(Float16(Float(x))) }

  @Test(
    "bfloat16 products multiply rounded operands, in hardware and emulated", arguments: shapes,
    [(Numerics.portable, false), (.library, true), (.library, false)])
  func brain16Products(_ item: OperationCase, _ way: (numerics: Numerics, emulated: Bool)) {
    check(
      item, precision: .bf16, numerics: way.numerics, emulated: way.emulated, operand: Self.brain16, result: { $0 },
      tolerance: 2e-6)
  }

  @Test("half-precision products round operands and results", arguments: shapes, Numerics.allCases)
  func halfProducts(_ item: OperationCase, numerics: Numerics) {
    // A result may round to the neighbouring half where the order of the sum matters.
    check(
      item, precision: .fp16, numerics: numerics, emulated: false, operand: Self.half, result: Self.half,
      tolerance: 1e-3)
  }

  private func check(
    _ item: OperationCase, precision: Precision, numerics: Numerics, emulated: Bool, operand: (Double) -> Double,
    result: (Double) -> Double, tolerance: Double
  ) {
    let inputs = item.inputs()
    let rounded = inputs.prefix(2).map { $0.map(operand) }
    let (exact, bias) = (Array(rounded), Array(inputs.dropFirst(2)))
    let count = item.twin.forward(inputs).count
    let upstream = OperationCase.values(count: count, site: 1000)
    let outcome = item.outcome(upstream: upstream, precision: precision, numerics: numerics, emulated: emulated)
    #expect(agree(outcome.result, item.twin.forward(exact + bias), within: tolerance))
    let gradients = item.twin.backward(exact + bias, upstream.map(operand))
    for (actual, gradient) in zip(outcome.gradients.prefix(2), gradients) {
      #expect(agree(actual, gradient.map(result), within: tolerance))
    }
    if let last = outcome.gradients.dropFirst(2).first {
      #expect(agree(last, item.twin.backward(inputs, upstream)[2], within: 2e-6))
    }
  }

  @Test("1, 2 and 3 threads give the same bits", arguments: Precision.allCases, Numerics.allCases)
  func threadsNeverChangeBits(precision: Precision, numerics: Numerics) {
    for item in OperationCases.large.prefix(2) {
      let upstream = OperationCase.values(count: item.twin.forward(item.inputs()).count, site: 1000)
      let one = item.outcome(upstream: upstream, precision: precision, numerics: numerics)
      for threads in 2...3 {
        #expect(item.outcome(upstream: upstream, threads: threads, precision: precision, numerics: numerics) == one)
      }
    }
  }

  /// y = x · 1, element by element: the rounding itself.
  private func identity(_ values: [Float], _ precision: Precision, emulated: Bool = false) -> [Float] {
    let pass = Pass(
      engine: Engine(threads: 1, numerics: .library, multipliesBrain16: !emulated), mode: .evaluation, tape: nil,
      randomness: .init(seed: 1, step: 0, pass: 0), rows: [0], precision: precision)
    let arena = Arena(layout: ArenaLayout([("one", [1, 1])]))
    let one = Parameter([1, 1], kind: .weight, initializer: .ones)
    one.bind(name: "one", values: arena.pointer)
    one.values[0] = 1
    let input = pass.tensor([values.count, 1])
    for (index, value) in values.enumerated() { input.values[index] = value }
    return Array(pass.linear(input, one, nil).values)
  }

  /// Every exponent with fractions on and around the ties of both formats.
  private var awkward: [Float] {
    let fractions: [UInt32] = [0, 1, 0xFFF, 0x1000, 0x1001, 0x3000, 0x7FFF, 0x8000, 0x8001, 0x1_8000, 0x7F_FFFF]
    let positive = (0...254).flatMap { exponent in fractions.map { Float(bitPattern: UInt32(exponent) << 23 | $0) } }
    return positive + positive.map { -$0 } + [.infinity, -.infinity]
  }

  @Test("half precision rounds as Float16 does, overflow and subnormals included")
  func halfRounding() {
    for (actual, input) in zip(identity(awkward, .fp16), awkward) { #expect(actual == Float(Float16(input))) }
    #expect(identity([65519, 65520, -1e30], .fp16) == [65504, .infinity, -.infinity])
    #expect(identity([.nan], .fp16)[0].isNaN)
  }

  @Test("emulated bfloat16 rounds to nearest, ties to even")
  func brain16Rounding() {
    let normal = awkward.filter { $0.isFinite }
    for (actual, input) in zip(identity(normal, .bf16, emulated: true), normal) {
      #expect(actual == Float(Self.brain16(Double(input))))
    }
    #expect(identity([.nan], .bf16, emulated: true)[0].isNaN)
    #expect(identity([.nan], .bf16)[0].isNaN)
  }
}
