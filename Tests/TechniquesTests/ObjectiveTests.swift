import Foundation
import Techniques
import Tensors
import Testing

/// Losses of rows, against hand arithmetic and finite differences.
@Suite struct ObjectiveTests {
  private let engine = Engine()

  private func pass(tape: Tape?) -> Pass {
    Pass(
      engine: engine, mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: [0, 1, 2])
  }

  private func tensor(_ values: [Float], _ pass: Pass) -> Tensor {
    let tensor = pass.tensor([3, 4])
    _ = tensor.values.update(from: values)
    return tensor
  }

  private let scores: [Float] = [0.5, -1, 2, 0.1, 3, 0.2, -0.7, 1.1, -2, 0.4, 0.3, 0]
  private let others: [Float] = [0.1, 0.3, 1, -0.4, 2, 1.2, 0.7, 0.1, -1, 0.9, 0.2, -2]
  private let labels: [Int32] = [2, 1, 0]

  /// The analytic gradient of Σ (row + 1) · loss[row] against central differences.
  private func checkGradient(_ loss: (Pass, Tensor) -> Tensor) throws {
    let tape = Tape()
    let pass = pass(tape: tape)
    let input = tensor(scores, pass)
    let rows = loss(pass, input)
    let weights = pass.tensor([3])
    _ = weights.values.update(from: [1, 2, 3])
    let slot = rows.gradientSlot()
    for row in 0..<3 { slot.pointer[row] = weights.values[row] }
    tape.backward()
    let gradient = try #require(input.gradient)
    for index in scores.indices {
      let sides = [Float(0.01), -0.01].map { step in
        var moved = scores
        moved[index] += step
        let quiet = self.pass(tape: nil)
        let value = loss(quiet, tensor(moved, quiet))
        return (0..<3).reduce(0.0) { $0 + Double($1 + 1) * Double(value.values[$1]) }
      }
      #expect(abs((sides[0] - sides[1]) / 0.02 - Double(gradient[index])) < 2e-3, "element \(index)")
    }
  }

  @Test("the gradients of focal loss, squared error and divergence are their slopes")
  func gradients() throws {
    try checkGradient { $0.focalLoss($1, labels: labels, gamma: 2, weights: [1, 2, 0.5, 1]) }
    try checkGradient { $0.focalLoss($1, labels: labels, gamma: 0.5) }
    try checkGradient { pass, input in pass.meanSquaredError(input, tensor(others, pass)) }
    try checkGradient { pass, input in pass.symmetricKL(input, tensor(others, pass)) }
    try checkGradient { pass, input in pass.symmetricKL(tensor(others, pass), input) }
  }

  @Test("focal loss with gamma 0 is the cross entropy; with gamma 2 it is p's share of it")
  func focalLoss() {
    let pass = pass(tape: nil)
    let input = tensor(scores, pass)
    let entropy = pass.crossEntropy(input, labels: labels)
    let plain = pass.focalLoss(input, labels: labels, gamma: 0)
    let focal = pass.focalLoss(input, labels: labels, gamma: 2)
    for row in 0..<3 {
      #expect(abs(plain.values[row] - entropy.values[row]) < 1e-6)
      let rest = 1 - exp(-Double(entropy.values[row]))
      #expect(abs(Double(focal.values[row]) - rest * rest * Double(entropy.values[row])) < 1e-6)
    }
  }

  @Test("equal scores do not diverge, and a shift of all scores of a row changes nothing")
  func divergence() {
    let pass = pass(tape: nil)
    let input = tensor(scores, pass)
    #expect(pass.symmetricKL(input, input).values.allSatisfy { $0 == 0 })
    let shifted = pass.symmetricKL(input, tensor(scores.map { $0 + 64 }, pass))
    #expect(shifted.values.allSatisfy { abs($0) < 1e-9 })
  }

  @Test("squared errors are means over the classes of a row")
  func squaredError() {
    let pass = pass(tape: nil)
    let errors = pass.meanSquaredError(tensor(scores, pass), tensor(others, pass))
    // (0.4² + 1.3² + 1² + 0.5²) / 4
    #expect(abs(errors.values[0] - 0.775) < 1e-6)
  }

  @Test("balanced weights give every class the same sum; a class without rows has none")
  func balancedWeights() {
    #expect(ClassWeights.balanced([0, 0, 0, 1], classes: 3) == [4.0 / 9, 4.0 / 3, 0])
  }
}
