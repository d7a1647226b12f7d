import Tensors
import Testing

@Suite struct OperationTests {
  private func upstream(_ item: OperationCase, count: Int) -> [Double] {
    OperationCase.values(count: count, site: 1000)
  }

  @Test("a twin's gradients are the finite differences of its forward", arguments: OperationCases.all)
  func twinsDifferentiate(_ item: OperationCase) {
    let inputs = item.inputs()
    let upstream = upstream(item, count: item.twin.forward(inputs).count)
    let gradients = item.twin.backward(inputs, upstream)
    func objective(_ inputs: [[Double]]) -> Double {
      zip(item.twin.forward(inputs), upstream).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let step = 1e-6
    for (index, values) in inputs.enumerated() {
      // Every element of small inputs, some two dozen of large ones.
      for place in stride(from: 0, to: values.count, by: max(1, values.count / 24)) {
        var (above, below) = (inputs, inputs)
        above[index][place] += step
        below[index][place] -= step
        let difference = (objective(above) - objective(below)) / (2 * step)
        #expect(abs(difference - gradients[index][place]) < 1e-6 * max(1, abs(difference)))
      }
    }
  }

  @Test("an operation gives its twin's result and gradients", arguments: OperationCases.all + OperationCases.large)
  func agreesWithTwin(_ item: OperationCase) {
    let inputs = item.inputs()
    let expected = item.twin.forward(inputs)
    let upstream = upstream(item, count: expected.count)
    let outcome = item.outcome(upstream: upstream)
    #expect(agree(outcome.result, expected, within: item.tolerance))
    for (actual, gradient) in zip(outcome.gradients, item.twin.backward(inputs, upstream)) {
      #expect(agree(actual, gradient, within: item.tolerance))
    }
  }

  @Test("the gradients of two consumers add up", arguments: OperationCases.all)
  func gradientsAddUp(_ item: OperationCase) {
    let inputs = item.inputs()
    let upstream = upstream(item, count: item.twin.forward(inputs).count)
    let outcome = item.outcome(upstream: upstream, consumers: 2)
    for (actual, gradient) in zip(outcome.gradients, item.twin.backward(inputs, upstream)) {
      #expect(agree(actual, gradient, within: item.tolerance, factor: 2))
    }
  }

  @Test("frozen parameters get no gradient and leave the others as they are", arguments: OperationCases.all)
  func frozenParametersAreSkipped(_ item: OperationCase) {
    let upstream = upstream(item, count: item.twin.forward(item.inputs()).count)
    let trained = item.outcome(upstream: upstream)
    let frozen = item.outcome(upstream: upstream, frozen: true)
    #expect(frozen.result == trained.result)
    for (index, shape) in item.shapes.enumerated() {
      if index < item.tensors.count {
        #expect(frozen.gradients[index] == trained.gradients[index])
      } else {
        #expect(frozen.gradients[index].count == shape.count && frozen.gradients[index].allSatisfy { $0.isNaN })
      }
    }
  }

  @Test("without a tape the result is the same and nothing is kept", arguments: OperationCases.all)
  func tapelessPassesKeepNothing(_ item: OperationCase) {
    let upstream = upstream(item, count: item.twin.forward(item.inputs()).count)
    let outcome = item.outcome(upstream: nil)
    #expect(outcome.result == item.outcome(upstream: upstream).result)
    #expect(outcome.gradients.prefix(item.tensors.count).allSatisfy { $0.isEmpty })
  }

  @Test("1, 2 and 3 threads give the same bits", arguments: OperationCases.large)
  func threadsNeverChangeBits(_ item: OperationCase) {
    let upstream = upstream(item, count: item.twin.forward(item.inputs()).count)
    let one = item.outcome(upstream: upstream)
    for threads in 2...3 { #expect(item.outcome(upstream: upstream, threads: threads) == one) }
  }

  @Test("an operation whose result nobody used leaves its inputs without a gradient")
  func unusedResultsContributeNothing() {
    let tape = Tape()
    let pass = Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: .init(seed: 1, step: 0, pass: 0), rows: [0])
    let input = pass.tensor([2, 3])
    input.values.update(repeating: 1)
    _ = pass.gelu(input)
    tape.backward()
    #expect(input.gradient == nil)
  }

  @Test("a result needs a gradient where an input does or a parameter is trained, and there is a tape")
  func needOfGradients() {
    func result(tape: Tape?, input: Bool, frozen: Bool) -> Bool {
      let pass = Pass(
        engine: Engine(), mode: .training, tape: tape, randomness: .init(seed: 1, step: 0, pass: 0), rows: [0])
      let weight = Parameter([2, 3], kind: .weight, initializer: .zeros)
      weight.isFrozen = frozen
      return pass.result([1], from: [pass.tensor([1], needsGradient: input)], parameters: [weight]).needsGradient
    }
    #expect(result(tape: Tape(), input: true, frozen: true))
    #expect(result(tape: Tape(), input: false, frozen: false))
    #expect(!result(tape: Tape(), input: false, frozen: true))
    #expect(!result(tape: nil, input: true, frozen: false))
  }
}
