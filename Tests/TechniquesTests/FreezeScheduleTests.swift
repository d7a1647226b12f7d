import Collectives
import DataParallel
import Techniques
import TestSupport
import Testing
import Training

/// Freezing as a function of the step.
@Suite struct FreezeScheduleTests {
  @Test("what is frozen is what always is, and every entry whose steps hold")
  func paths() {
    let schedule = FreezeSchedule(
      always: ["a"], entries: [.init(paths: ["b", "c"], steps: 0..<2), .init(paths: ["d"], steps: 1..<Int.max)])
    #expect((0..<3).map(schedule.paths) == [["a", "b", "c"], ["a", "b", "c", "d"], ["a", "d"]])
  }

  @Test("frozen weights keep their bits until they thaw, and move from that step on")
  func thawing() throws {
    var parts = try TinyBert.parts(microbatch: 8)
    try parts.install("freeze: {paths: [bert.encoder.layer.0], until_epoch: 1}", totalSteps: 6)
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 6), replicas: DataParallelGroup(SoloGroup()))
    let name = "bert.encoder.layer.0.output.dense.weight"
    let initial = Array(parts.state.weights[name]!)
    let head = Array(parts.state.weights["classifier.weight"]!)
    for step in 0..<4 {
      #expect(Array(parts.state.weights[name]!) == initial, "before step \(step)")
      _ = try trainer.advance()
    }
    #expect(Array(parts.state.weights[name]!) != initial)
    #expect(Array(parts.state.weights["classifier.weight"]!) != head)
  }

  @Test("frozen dropout drops nothing: two forwards of a wholly frozen encoder agree")
  func dropout() throws {
    var parts = try TinyBert.parts(microbatch: 8)
    try parts.install("{r_drop: {}, freeze: {paths: [bert, classifier], until_step: 1}}", totalSteps: 6)
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 6), replicas: DataParallelGroup(SoloGroup()))
    let divergences = try (0..<2).map { _ in try trainer.advance().terms.first { $0.name == "r_drop" }?.value }
    #expect(divergences[0] == 0)
    #expect(try #require(divergences[1]) > 0)
  }
}
