import Tensors
import Testing

/// Results that no one keeps between the passes come back with the same bits.
@Suite struct RememberedValuesTests {
  private static let shape: Shape = [37, 24]

  private enum Operation: CaseIterable {
    case norm, normOfSum, gelu
  }

  private let engine = Engine(threads: 2)

  private func parameter(_ shape: Shape, seed: UInt64) -> Parameter {
    let parameter = Parameter(shape, kind: .weight, initializer: .zeros)
    let arena = Arena(layout: ArenaLayout([("parameter", shape)]))
    parameter.home = arena
    parameter.bind(name: "parameter", values: arena.pointer)
    RandomStream(seed: seed, purpose: .initialization).fillNormal(parameter.values)
    return parameter
  }

  private func result(of operation: Operation, _ pass: Pass) -> Tensor {
    let input = pass.tensor(Self.shape)
    RandomStream(seed: 1, purpose: .initialization).fillNormal(input.values)
    let (scale, shift) = (parameter([24], seed: 2), parameter([24], seed: 3))
    switch operation {
    case .norm: return pass.layerNorm(input, scale: scale, shift: shift, epsilon: 1e-12)
    case .normOfSum:
      return pass.dropoutAddLayerNorm(
        input, residual: input, mask: pass.dropoutMask(site: 1, probability: 0.4),
        coordinates: Coordinates(rows: pass.rows), scale: scale, shift: shift, epsilon: 1e-12)
    case .gelu: return pass.linearGELU(input, parameter([40, 24], seed: 4), parameter([40], seed: 5))
    }
  }

  @Test("norms and GELU make their results again bit by bit", arguments: [0, 1, 2])
  func sameBits(operation: Int) {
    let tape = Tape()
    let pass = Pass(
      engine: engine, mode: .training, tape: tape, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
      rows: (0..<37).map { $0 })
    let result = result(of: Operation.allCases[operation], pass)
    let again = result.remembered.recall()
    #expect(again.pointer != result.pointer)
    #expect((0..<result.count).allSatisfy { again.pointer[$0].bitPattern == result.pointer[$0].bitPattern })
  }
}
