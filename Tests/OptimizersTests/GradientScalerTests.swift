import Optimizers
import Tensors
import Testing

struct GradientScalerTests {
  private struct Run: Decodable {
    let `init`: Float
    let growth: Float
    let backoff: Float
    let interval: Int
    let overflowAtStep: [Int]
    let scaleUsed: [Float]
    let scaleAfter: Float
    let parameterAfterEachStep: [Float]
  }

  @Test("scales and skipped steps are those of PyTorch")
  func golden() throws {
    let run = try Golden.scenario("grad-scaler", as: Run.self)
    var scaler = GradientScaler(
      initialScale: run.`init`, growthFactor: run.growth, backoffFactor: run.backoff, growthInterval: run.interval)
    let layout = ArenaLayout([("parameter", [1])])
    let (weights, gradients) = (Arena(layout: layout), Arena(layout: layout))
    let groups = ParameterGroups([("parameter", .weight, 0..<1, false)])
    let optimizer = SGD(layout: layout, momentum: 0)
    weights.pointer[0] = 1
    for (step, overflowed) in run.overflowAtStep.enumerated() {
      #expect(scaler.scale == run.scaleUsed[step], "step \(step)")
      gradients.pointer[0] = overflowed == 1 ? .infinity : 0.5 * scaler.scale
      let norm = GradientNorm.norm(of: gradients, factor: 1 / scaler.scale, groups: groups)
      #expect(norm.isFinite == (overflowed == 0))
      if norm.isFinite {
        optimizer.step(
          weights: weights, gradients: gradients, learningRate: 0.1, gradientFactor: 1 / scaler.scale, groups: groups)
      }
      scaler.update(overflowed: !norm.isFinite)
      #expect(abs(weights.pointer[0] - run.parameterAfterEachStep[step]) < 1e-6, "step \(step)")
    }
    #expect(scaler.scale == run.scaleAfter)
  }

  @Test("saved in the middle of an interval and restored, the scale goes on as before")
  func resumes() throws {
    var straight = GradientScaler(growthInterval: 3)
    for step in 0..<5 { straight.update(overflowed: step == 1) }
    var restored = GradientScaler(growthInterval: 3)
    try restored.restore(straight.state)
    #expect(restored.state.growthTracker == 0 && restored.scale == 65_536)
    for step in 0..<5 {
      straight.update(overflowed: step == 4)
      restored.update(overflowed: step == 4)
    }
    #expect(restored == straight)
  }

  @Test("a scale that overflows for ever is called exhausted, and a scale never becomes infinite")
  func limits() {
    var scaler = GradientScaler()
    for _ in 0..<30 { scaler.update(overflowed: true) }
    #expect(!scaler.isExhausted)
    scaler.update(overflowed: true)
    #expect(scaler.isExhausted)
    var growing = GradientScaler(initialScale: 0x1p126, growthInterval: 1)
    for _ in 0..<4 { growing.update(overflowed: false) }
    #expect(growing.scale == 0x1p127)
  }

  @Test("a state that no run can have written is refused")
  func impossibleState() {
    var scaler = GradientScaler(growthInterval: 3)
    for state in [
      GradientScaler.State(scale: 0, growthTracker: 0), .init(scale: .nan, growthTracker: 0),
      .init(scale: 1, growthTracker: 3), .init(scale: 1, growthTracker: -1),
    ] {
      #expect(throws: GradientScalerStateError.self) { try scaler.restore(state) }
    }
  }
}
