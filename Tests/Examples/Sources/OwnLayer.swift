import Foundation
import Lockstep

extension Pass {
  /// values ⊙ silu(gates), element by element, with silu(x) = x · sigmoid(x): the gate of SwiGLU (Shazeer 2020).
  func gate(_ values: Tensor, _ gates: Tensor) -> Tensor {
    precondition(values.shape == gates.shape, "\(values.shape) values for \(gates.shape) gates")
    func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
    let result = result(values.shape, from: [values, gates])
    for index in 0..<result.count {
      result.values[index] = values.values[index] * gates.values[index] * sigmoid(gates.values[index])
    }
    record(result) { upstream in
      if values.needsGradient {
        values.gradientSlot().add { upstream[$0] * gates.values[$0] * sigmoid(gates.values[$0]) }
      }
      guard gates.needsGradient else { return }
      gates.gradientSlot().add { index in
        let (x, s) = (gates.values[index], sigmoid(gates.values[index]))
        return upstream[index] * values.values[index] * s * (1 + x * (1 - s))
      }
    }
    return result
  }
}

/// x ↦ x + down(value(x) ⊙ silu(gate(x))): a layer made of layers and the operation above.
final class GatedBlock: Module {
  let value: Linear
  let gate: Linear
  let down: Linear

  init(width: Int, inner: Int) {
    value = Linear(width, inner, initializer: .uniform(0.5))
    gate = Linear(width, inner, initializer: .uniform(0.5))
    down = Linear(inner, width, initializer: .uniform(0.5))
  }

  func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor {
    pass.add(input, down(pass.gate(value(input, pass), gate(input, pass)), pass))
  }
}

/// Two scores for a point.
final class PointClassifier: Classifier {
  let labels = 2
  let dropout = Dropout(0.1)
  let lift = Linear(2, 8, initializer: .uniform(0.7))
  let blocks = [GatedBlock(width: 8, inner: 16), GatedBlock(width: 8, inner: 16)]
  let head = Linear(8, 2, initializer: .uniform(0.3))

  func callAsFunction(_ microbatch: Microbatch, _ pass: Pass) -> [Tensor] {
    let features = blocks.reduce(lift(microbatch.points(pass), pass)) { $1($0, pass) }
    return [head(dropout(features, Coordinates(rows: pass.rows), pass), pass)]
  }
}

enum OwnLayer {
  static func run() throws {
    let parts = try TrainingParts.points(PointClassifier())
    print("parameters:", parts.state.parameters.prefix(4).map(\.name).joined(separator: ", "), "…")
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 1, totalSteps: 200), replicas: DataParallelGroup(SoloGroup()))
    for _ in 0..<200 {
      let report = try trainer.advance()
      if report.step % 50 == 0 { print("step \(report.step): loss \(report.loss)") }
    }
    if let report = try trainer.evaluate() { print("accuracy \(report["accuracy"] ?? 0) on \(report.rows) rows") }
  }
}
