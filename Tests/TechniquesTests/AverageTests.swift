import Collectives
import DataParallel
import Layers
import Models
import Optimizers
import Runs
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// Averages of weights that are set by hand.
@Suite struct AverageTests {
  private func state() throws -> ModelState { try TinyBert.parts(microbatch: 8).state }

  /// Updates an average after steps 0 … `steps`, the weights being the number of the step.
  private func values(of average: any WeightAverage, _ state: ModelState, steps: Int) -> [Float?] {
    (0...steps).map { step in
      state.weights.values.update(repeating: Float(step))
      average.update(after: step, from: state)
      return average.averages?.weights.values[0]
    }
  }

  private func close(_ values: [Float?], _ expected: [Float?]) -> Bool {
    values.count == expected.count
      && zip(values, expected).allSatisfy { $0 == $1 || abs(($0 ?? .nan) - ($1 ?? .nan)) < 1e-6 }
  }

  @Test("EMA begins as a copy at its start and follows by its decay")
  func exponential() throws {
    let state = try state()
    #expect(close(values(of: EMA(of: state, decay: 0.5), state, steps: 3), [0, 0.5, 1.25, 2.125]))
    #expect(close(values(of: EMA(of: state, decay: 0.5, start: 2), state, steps: 4), [nil, nil, 2, 2.5, 3.25]))
  }

  @Test("a warm EMA forgets its beginning: 2/11, 3/12, 4/13 …")
  func warm() throws {
    let state = try state()
    let first = 1.0 * 9 / 11
    let second = first * 3 / 12 + 2.0 * 9 / 12
    let warm = values(of: EMA(of: state, decay: 0.999, isWarm: true), state, steps: 2)
    #expect(close(warm, [0, Float(first), Float(second)]))
  }

  @Test("SWA is the equal mean of the weights at start, start + every …, the last included")
  func stochastic() throws {
    let state = try state()
    let average = SWA(of: state, start: 2, every: 2)
    #expect(close(values(of: average, state, steps: 6), [nil, nil, 2, 2, 3, 3, 4]))
    #expect(average.count == 3)
  }

  @Test("SWA's rate goes from the schedule's at its start to its own, and stays")
  func rate() throws {
    let average = SWA(
      of: try state(), start: 3, rate: SWA.Rate(learningRate: 0.1, steps: 2, curve: .linear))
    let schedule = average.schedule(.linear(total: 10))
    let rates = (0..<7).map { schedule.learningRate(at: $0, base: 1) }
    #expect(zip(rates, [1, 0.9, 0.8, 0.45, 0.1, 0.1, 0.1]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("the mean of the last students is of the last K, and of fewer at first")
  func lastStudents() throws {
    let state = try state()
    #expect(close(values(of: LastStudents(of: state, count: 3), state, steps: 5), [0, 0.5, 1, 2, 3, 4]))
  }

  @Test("an average has memory where it is kept and only from its start")
  func memory() throws {
    let state = try state()
    let average = EMA(of: state, start: 2)
    average.update(after: 0, from: state)
    #expect(average.averages == nil && average.checkpointArenas.isEmpty)
    average.update(after: 2, from: state)
    #expect(average.checkpointArenas.map(\.name) == ["weights"])
  }

  @Test("an average that never started is told at the end of the run", arguments: [(6, false), (7, true)])
  func neverStarted(start: Int, isTold: Bool) throws {
    let observer = WarningObserver()
    try withTemporaryFolder { folder in
      var parts = try TinyBert.parts(microbatch: 8)
      parts.averages = [EMA(of: parts.state, start: start)]
      let trainer = Trainer(
        parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 6), replicas: DataParallelGroup(SoloGroup()))
      _ = try TrainingRun(trainer, in: folder, reduction: .ring, observers: [observer]).run(resume: .never)
    }
    #expect(observer.warnings.contains { $0.contains("ema never started in 6 steps") } == isTold)
  }
}
