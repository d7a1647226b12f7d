import Tensors
import Testing

/// Results that no one keeps between the passes come back with the same bits.
@Suite final class RememberedValuesTests {
  private static let shape: Shape = [37, 24]

  enum Operation: CaseIterable {
    case norm, normWithoutShift, normOfSum, gelu, geluTanh, silu, relu, tanh, gate
  }

  private let engine = Engine(threads: 2)
  /// Alive as long as parameters point into them.
  private var gradients: [Arena] = []

  private func parameter(_ shape: Shape, seed: UInt64, isFrozen: Bool = false) -> Parameter {
    let parameter = Parameter(shape, kind: .weight, initializer: .zeros)
    let arena = Arena(layout: ArenaLayout([("parameter", shape)]))
    parameter.home = arena
    parameter.bind(name: "parameter", values: arena.pointer)
    RandomStream(seed: seed, purpose: .initialization).fillNormal(parameter.values)
    parameter.isFrozen = isFrozen
    let gradients = Arena(layout: arena.layout)
    self.gradients.append(gradients)
    parameter.beginGradient(at: gradients.pointer)
    return parameter
  }

  private func result(of operation: Operation, _ pass: Pass) -> Tensor {
    let input = pass.tensor(Self.shape)
    RandomStream(seed: 1, purpose: .initialization).fillNormal(input.values)
    let (scale, shift) = (parameter([24], seed: 2), parameter([24], seed: 3))
    func linear(_ activation: Activation) -> Tensor {
      pass.linearActivation(input, parameter([40, 24], seed: 4), parameter([40], seed: 5), activation)
    }
    switch operation {
    case .norm: return pass.layerNorm(input, scale: scale, shift: shift, epsilon: 1e-12)
    case .normWithoutShift: return pass.layerNorm(input, scale: scale, shift: nil, epsilon: 1e-12)
    case .normOfSum:
      return pass.dropoutAddLayerNorm(
        input, residual: input, mask: pass.dropoutMask(site: 1, probability: 0.4),
        coordinates: Coordinates(rows: pass.rows), scale: scale, shift: shift, epsilon: 1e-12)
    case .gelu: return linear(.gelu)
    case .geluTanh: return linear(.geluTanh)
    case .silu: return linear(.silu)
    case .relu: return linear(.relu)
    case .tanh: return linear(.tanh)
    case .gate: return pass.gatedActivation(input, .gelu)
    }
  }

  private func pass(_ precision: Precision = .fp32) -> Pass {
    Pass(
      engine: engine, mode: .training, tape: Tape(), randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
      rows: (0..<37).map { $0 }, precision: precision)
  }

  @Test("norms, activations and gates recompute their results bit by bit", arguments: Operation.allCases)
  func sameBits(operation: Operation) {
    let result = result(of: operation, pass())
    let again = result.remembered.recall(.float32, engine)
    #expect(again.pointer != result.pointer)
    #expect((0..<result.count).allSatisfy { again.pointer[$0].bitPattern == result.pointer[$0].bitPattern })
    #expect(result.remembered.recall(.float32, engine) === again)
  }

  @Test("what is made again for rounded products is the result, rounded", arguments: Operation.allCases)
  func rounded(operation: Operation) {
    let result = result(of: operation, pass())
    let expected = engine.pool.take(result.count)
    ProductFormat.roundedBrain16.round(result.pointer, into: expected, at: 0..<result.count)
    let again = result.remembered.recall(.roundedBrain16, engine)
    #expect((0..<result.count).allSatisfy { again.pointer[$0].bitPattern == expected.pointer[$0].bitPattern })
  }

  @Test(
    "an activation's gradient has the same bits whether its result was recomputed or not",
    arguments: Activation.allCases)
  func slopes(activation: Activation) {
    func gradient(isRead: Bool) -> [UInt32] {
      let pass = pass()
      let input = pass.tensor(Self.shape)
      RandomStream(seed: 1, purpose: .initialization).fillNormal(input.values)
      let hidden = pass.linearActivation(
        input, parameter([40, 24], seed: 4, isFrozen: true), parameter([40], seed: 5, isFrozen: true), activation)
      pass.linear(hidden, parameter([8, 40], seed: 6, isFrozen: !isRead), nil).seedGradient(1)
      pass.tape?.backward()
      return (input.gradient ?? .init(start: nil, count: 0)).map(\.bitPattern)
    }
    #expect(gradient(isRead: false).count == Self.shape.count && gradient(isRead: true) == gradient(isRead: false))
  }
}
