import Checkpoints
import Foundation
import Models
import Optimizers
import Tasks
import Tensors
import TestSupport
import Testing
import Training

/// Similarity as PyTorch computes it in Float64: cosines against labels, and the whole batch as candidates.
@Suite struct SimilarityGoldenTests {
  static func task(_ settings: [String: Any]) throws -> Similarity {
    try Similarity(HeadDescription(outputs: 0, settings: settings))
  }

  static let losses = ["cosine": "cosine", "contrastive": "infonce", "contrastive-negatives": "infonce"]

  @Test("Cosines of a pair are PyTorch's")
  func cosines() throws {
    let task = try Self.task([:])
    let (model, _, microbatch) = try GoldenFamily.classifier("tasks/cosine", task: task)
    let pass = Pass(
      engine: Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: microbatch.sequences)
    let expected = try Golden.tensors("families/tasks/cosine", "outputs").floats("similarities")
    let cosines = task.answers(model(microbatch, pass)[0], microbatch)
    let error = zip(cosines, expected).map { abs($0 - Double($1)) }.max() ?? .infinity
    #expect(cosines.count == expected.count && error < 1e-5)
  }

  @Test("Five steps give PyTorch's losses and weights, however a batch is cut", arguments: losses.keys.sorted())
  func steps(scenario: String) throws {
    for microbatch in [nil, 1, 2] as [Int?] {
      let task = try Self.task(["loss": Self.losses[scenario] ?? ""])
      let run = try GoldenFamily(
        "tasks/\(scenario)", task: task, microbatch: { rows in microbatch.map { rows % $0 == 0 ? $0 : rows } ?? rows }
      ) { $0.objective = task.wholeBatch }
      let errors = run.reportErrors
      #expect(run.reports.count == 5 && errors.losses < 1e-5 && errors.norms < 1e-4, "\(errors)")
      guard FileManager.default.fileExists(atPath: Golden.path(run.scenario, "final.safetensors")) else { continue }
      let wrong = try run.wrongTensors(
        run.parts.state.weights, file: "final", tolerance: 2e-5, own: "final_tolerances", except: "final_excludes")
      #expect(wrong.isEmpty, "\(wrong)")
    }
  }

  @Test("Gradients of the first batch are PyTorch's, however it is cut", arguments: losses.keys.sorted())
  func gradients(scenario: String) throws {
    for microbatch in [1, 4] {
      let task = try Self.task(["loss": Self.losses[scenario] ?? ""])
      // One step of plain descent, so long that weights are nothing but it.
      let rate: Float = 4096
      let run = try GoldenFamily("tasks/\(scenario)", task: task, microbatch: { min(microbatch, $0) }, steps: 1) {
        parts in
        parts.objective = task.wholeBatch
        parts.optimizer = SGD(layout: parts.state.layout, momentum: 0)
        parts.learningRate = { _ in Double(rate) }
        (parts.weightDecay, parts.clip) = (0, nil)
      }
      let start = try GoldenFamily.classifier("tasks/\(scenario)", task: task).1.weights
      let gradients = Arena(layout: start.layout)
      for index in 0..<start.count {
        gradients.pointer[index] = (start.pointer[index] - run.parts.state.weights.pointer[index]) / rate
      }
      let wrong = try run.wrongTensors(
        gradients, file: "gradients", tolerance: 1e-4, own: "gradient_tolerances", except: "zero_gradients")
      #expect(wrong.isEmpty, "\(wrong)")
    }
  }

  @Test("InfoNCE of given vectors is PyTorch's: one way, symmetric, with hard negatives")
  func infoNCE() throws {
    let facts = try Golden.facts("families/tasks/contrastive-losses")
    let cases = try #require(facts["cases"] as? [String: [String: Any]])
    let tensors = try Golden.tensors("families/tasks/contrastive-losses", "cases")
    #expect(cases.count == 6)
    for (name, numbers) in cases {
      let number = String(name.prefix { $0 != "." })
      let roles = ["anchor", "positive"] + (name.hasSuffix("hard-negatives") ? ["negative"] : [])
      let shape = try #require(tensors[number + ".anchor"]?.shape)
      let vectors = try roles.map { try tensors.floats("\(number).\($0)").map(Double.init) }
      let rows = shape[0]
      let values = (0..<rows).flatMap { row in vectors.flatMap { $0[row * shape[1]..<(row + 1) * shape[1]] } }
      let loss = InfoNCE(
        temperature: try #require(numbers["temperature"] as? Double), isSymmetric: name.hasSuffix("symmetric"))
      let outcome = loss.losses(
        BatchVectors(
          width: shape[1], values: values, borders: (0...rows).map { $0 * roles.count },
          targets: [Double](repeating: .nan, count: rows), weights: [Double](repeating: 1, count: rows)))
      let wanted = try #require(numbers["loss"] as? Double)
      let mean = outcome.losses.reduce(0, +) / Double(rows)
      #expect(abs(mean - wanted) < 1e-6 * abs(wanted), "\(name): \(mean), not \(wanted)")
      for (place, role) in roles.enumerated() {
        let expected = try tensors.floats("\(name).grad_\(role)")
        let largest = Double(expected.map(abs).max() ?? 0)
        for index in expected.indices {
          let (row, column) = (index / shape[1], index % shape[1])
          let own = outcome.gradients[(row * roles.count + place) * shape[1] + column] / Double(rows)
          #expect(abs(own - Double(expected[index])) < 1e-5 * largest, "\(name) \(role) \(index)")
        }
      }
    }
  }
}

/// CoSENT as its formula says, and rows that count as none.
@Suite struct BatchLossTests {
  /// Vectors of seven rows with labels, of which two are equal.
  static func batch(weights: [Double], seed: UInt64 = 3) -> BatchVectors {
    let stream = RandomStream(seed: seed, purpose: .initialization)
    return BatchVectors(
      width: 5, values: (0..<70).map { Double(stream.integer(below: 2001, index: UInt64($0))) / 1000 - 1 },
      borders: (0...7).map { 2 * $0 }, targets: [1, 0, 3, 3, 2, 5, 4], weights: weights)
  }

  @Test("CoSENT is ln(1 + Σ exp(20 (cosᵢ - cosⱼ))) over pairs of other labels")
  func coSENT() {
    let batch = Self.batch(weights: [Double](repeating: 1, count: 7))
    func norm(_ values: ArraySlice<Double>) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    func formula(_ values: [Double]) -> Double {
      let cosines = (0..<7).map { row in
        let (a, b) = (values[row * 10..<row * 10 + 5], values[row * 10 + 5..<row * 10 + 10])
        return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / norm(a) / norm(b)
      }
      var sum = 1.0
      for low in 0..<7 {
        for high in 0..<7 where batch.targets[low] < batch.targets[high] {
          sum += exp(20 * (cosines[low] - cosines[high]))
        }
      }
      return log(sum)
    }
    let outcome = CoSENT(temperature: 0.05).losses(batch)
    #expect(outcome.losses.allSatisfy { abs($0 - formula(batch.values)) < 1e-12 * $0 })
    for index in batch.values.indices {
      var (up, down) = (batch.values, batch.values)
      up[index] += 1e-5
      down[index] -= 1e-5
      let slope = (formula(up) - formula(down)) / 2e-5
      #expect(abs(outcome.gradients[index] / 7 - slope) < 1e-6 * max(1, abs(slope)), "\(index)")
    }
  }

  @Test("A row of weight 0 has no gradient, and is nobody's negative")
  func weights() {
    let all = Self.batch(weights: [1, 1, 1, 1, 1, 1, 1])
    let some = Self.batch(weights: [1, 1, 0, 1, 1, 1, 1])
    let kept = BatchVectors(
      width: 5, values: Array(all.values[..<20] + all.values[30...]), borders: (0...6).map { 2 * $0 },
      targets: [1, 0, 3, 2, 5, 4], weights: [Double](repeating: 1, count: 6))
    for function in [InfoNCE(temperature: 0.1, isSymmetric: true).losses, CoSENT(temperature: 0.1).losses] {
      let (outcome, alone) = (function(some), function(kept))
      #expect(Array(outcome.losses[..<2] + outcome.losses[3...]) == alone.losses)
      #expect(Array(outcome.gradients[..<20] + outcome.gradients[30...]) == alone.gradients)
      #expect(outcome.gradients[20..<30].allSatisfy { $0 == 0 } && outcome.losses[2] == 0)
    }
  }
}
