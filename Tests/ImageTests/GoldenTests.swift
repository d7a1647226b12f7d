import Collectives
import Data
import DataParallel
import Layers
import Models
import Optimizers
import Tasks
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// PyTorch's run of a residual network with SWA, repeated by the trainer.
@Suite struct GoldenTests {
  private static let scenario = "cnn-sgd-swa"

  private func parts() throws -> TrainingParts {
    let configuration = try ResidualConfiguration(
      json: ["stem_channels": 6, "block_channels": [8], "block_strides": [2]], source: Self.scenario)
    let model = ResidualNetwork(configuration, labels: 5)
    let state = ModelState(model, seed: 0)
    let initial = try Golden.tensors(Self.scenario, "initial")
    for arena in [state.weights, state.buffers] {
      for slice in arena.layout.slices { try initial.read(slice.name, into: arena[slice.name]!) }
    }
    let inputs = try Golden.tensors(Self.scenario, "inputs")
    let pixels = try (0..<10).flatMap { try inputs.floats("\($0).images") }
    let rows = ImageRows(
      height: 12, width: 12, images: stride(from: 0, to: pixels.count, by: 144).map { Array(pixels[$0..<$0 + 144]) },
      labels: try (0..<10).flatMap { try inputs.integers("\($0).labels").map { Int32($0) } })
    let plan = try BatchPlan(rowCount: 120, batchSize: 12, microbatchSize: 12, seed: 0, shuffle: false)
    let schedule = Schedule.cosineAnnealing(period: 10, minimum: 0)
    let swa = SWA(of: state, start: 6, rate: SWA.Rate(learningRate: 0.05, steps: 3), refresh: .parity)
    let annealed = swa.schedule(schedule)
    var parts = TrainingParts(
      model: model, state: state, dataset: rows, task: SingleLabel(classes: model.labels), plan: plan,
      optimizer: SGD(layout: state.layout, momentum: 0.9, isNesterov: false),
      learningRate: { annealed.learningRate(at: $0, base: 0.1) })
    parts.averages = [swa]
    return parts
  }

  private func largestError(_ arenas: [Tensors.Arena], file name: String) throws -> (value: Double, tensor: String) {
    let file = try Golden.tensors(Self.scenario, name)
    var worst = (value: 0.0, tensor: "")
    for arena in arenas {
      for slice in arena.layout.slices {
        let expected = try file.floats(slice.name)
        let largest = Double(expected.map(abs).max() ?? 1)
        for (value, expected) in zip(arena[slice.name]!, expected) {
          let error = abs(Double(value) - Double(expected)) / largest
          if !(error <= worst.value) { worst = (error, slice.name) }
        }
      }
    }
    return worst
  }

  @Test("a residual network trains, is averaged and refreshed as PyTorch's, on any number of ranks", arguments: [1, 2])
  func swa(ranks: Int) throws {
    let facts = try Golden.facts(Self.scenario)
    let losses = try #require(facts["losses"] as? [Double])
    let rates = try #require(facts["learning_rates"] as? [Double])
    _ = try Ranks.run(ranks) { group in
      let parts = try parts()
      let replicas = DataParallelGroup(group)
      let settings = TrainingSettings(seed: 7, totalSteps: 10)
      let trainer = Trainer(parts: parts, settings: settings, replicas: replicas)
      let reports = try (0..<10).map { _ in try trainer.advance() }
      #expect(zip(reports, rates).allSatisfy { abs($0.learningRate - $1) < 1e-12 })
      #expect(GoldenRun.largestRelativeError(reports.map(\.loss), losses) < 1e-5)
      let trained = try largestError([parts.state.weights, parts.state.buffers], file: "final")
      #expect(trained.value < 2e-5, "\(trained)")

      guard ranks == 1 else { return }
      let (weights, buffers) = try #require(parts.averages[0].averages)
      let averaged = try largestError([weights], file: "swa_before_update_bn")
      #expect(averaged.value < 2e-5, "\(averaged)")
      let refresh = BatchNormRefresh(parts: parts, settings: settings, replicas: replicas, engine: trainer.engine)
      try parts.state.withWeights(weights, buffers: buffers) {
        try refresh(.parity, step: 10)
        let outputs = try Golden.tensors(Self.scenario, "outputs").floats("swa_logits_of_batch_0_in_eval")
        let microbatch = parts.dataset.microbatch(0, of: parts.plan.step(0))
        let pass = Pass(
          engine: trainer.engine, mode: .evaluation, tape: nil, randomness: .init(seed: 0, step: 0, pass: 0),
          rows: microbatch.rows)
        let scores = parts.model(microbatch, pass)[0].values
        #expect(zip(scores, outputs).allSatisfy { abs($0 - $1) < 1e-5 } && scores.count == outputs.count)
      }
      let refreshed = try largestError([weights, buffers], file: "swa_after_update_bn")
      #expect(refreshed.value < 2e-5, "\(refreshed)")
    }
  }
}
