import Collectives
import DataParallel
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// FreeLB against gradients that are computed one by one, and averaged by hand.
@Suite struct FreeLBTests {
  private static func trainer(_ parts: TrainingParts) -> Trainer {
    Trainer(
      parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 6),
      replicas: DataParallelGroup(SoloGroup(), reduction: .ordered))
  }

  /// The mean gradient of a run's first step.
  private static func gradient(_ techniques: String?) throws -> [Double] {
    var parts = try TinyBert.parts(microbatch: 8)
    try parts.install(techniques, totalSteps: 6)
    parts.clip = nil
    let recorder = GradientRecorder(parts.optimizer, layout: parts.state.layout)
    parts.optimizer = recorder
    _ = try Self.trainer(parts).advance()
    return recorder.gradient.values.map { Double($0) }
  }

  /// The same by hand: the embeddings are written `steps` times, and the gradients there are averaged.
  private static func twin(epsilon: Double, alpha: Double, steps: Int) throws -> [Double] {
    let trainer = Self.trainer(try TinyBert.parts(microbatch: 8))
    let name = "bert.embeddings.word_embeddings.weight"
    let words = try #require(trainer.state.weights[name])
    let slice = try #require(trainer.state.layout[name])
    let original = words.map { Double($0) }
    var displacement = [Double](repeating: 0, count: words.count)
    var mean = [Double](repeating: 0, count: trainer.state.layout.count)
    _ = try trainer.advance { batch in
      for _ in 0..<steps {
        for index in words.indices { words[index] = Float(original[index] + displacement[index]) }
        try batch.zeroGradients()
        try batch.backward(batch.forward())
        let gradient = batch.gradients.values.map { Double($0) / batch.normalizer }
        for index in mean.indices { mean[index] += gradient[index] / Double(steps) }

        let slope = Array(gradient[slice.range])
        let length = Self.norm(slope)
        for index in slope.indices { displacement[index] += alpha * slope[index] / length }
        let shrinking = min(1, epsilon / Self.norm(displacement))
        for index in displacement.indices { displacement[index] *= shrinking }
      }
      try batch.step()
      try batch.zeroGradients()
    }
    return mean
  }

  private static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  private static func distance(_ first: [Double], _ second: [Double]) -> Double {
    norm(zip(first, second).map { $0 - $1 })
  }

  @Test(
    "is the mean of the gradients at all points of the way, inside of the ball and along its surface",
    arguments: [(1, 2), (1, 3), (0.4, 4)] as [(Double, Int)])
  func mean(epsilon: Double, steps: Int) throws {
    let own = try Self.gradient("freelb: {epsilon: \(epsilon), alpha: 0.3, steps: \(steps)}")
    let twin = try Self.twin(epsilon: epsilon, alpha: 0.3, steps: steps)
    let clean = try Self.gradient(nil)
    let length = Self.norm(twin)
    #expect(Self.distance(own, twin) < 1e-5 * length)
    #expect(Self.distance(clean, twin) > 1e-3 * length)
  }

  @Test("is the clean gradient where it has one point", arguments: ["batch", "microbatch", "example"])
  func onePoint(scope: String) throws {
    #expect(try Self.gradient("freelb: {steps: 1, scope: \(scope)}") == Self.gradient(nil))
  }

  @Test("is the mean over the points that were reached: one without a direction is the last")
  func points() throws {
    var parts = try TinyBert.parts(microbatch: 8)
    try parts.install("freelb: {steps: 5}", totalSteps: 6)
    let adversary = try #require(parts.adversary)
    let gradients = Arena(layout: parts.state.layout)
    gradients.values.update(repeating: 2)
    var others: [Float] = [3, 7, 0]
    let attack = Attack(
      state: parts.state, gradients: gradients, normalizer: 1, context: StepContext(step: 0, epoch: 0, labels: []),
      evaluate: { $0.values.update(repeating: others.removeFirst()) }, scratch: Arena(layout: parts.state.layout))
    try adversary.apply(attack)
    #expect(others.isEmpty)
    #expect(gradients.values.allSatisfy { $0 == 3 })
  }
}
