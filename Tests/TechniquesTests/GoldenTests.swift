import Lockstep
import Optimizers
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// Runs of published techniques in PyTorch, repeated from recipes by the trainer.
@Suite struct GoldenTests {
  /// A scenario with the techniques of a recipe's text.
  private func run(
    _ scenario: String, _ techniques: String, microbatch: Int = 8, frozen: [String] = [],
    configure: (inout TrainingParts) throws -> Void = { _ in }
  ) throws -> GoldenRun {
    try GoldenRun(scenario, microbatch: microbatch) { parts in
      parts.state.freeze(frozen)
      try parts.install(techniques, totalSteps: 8, frozen: frozen)
      try configure(&parts)
    }
  }

  private func check(_ run: GoldenRun, except: Int = 0) throws {
    #expect(run.lossError < 1e-5)
    let error = try run.weightError(run.parts.state.weights, except: except)
    #expect(error.value < 2e-5, "\(error)")
  }

  @Test(
    "adversaries give the losses and weights of published code",
    arguments: [
      ("fgm", "fgm: {epsilon: 0.8}"),
      ("pgd", "pgd: {epsilon: 1.0, alpha: 0.3, steps: 3}"),
      ("pgd-projected", "pgd: {epsilon: 0.5, alpha: 0.3, steps: 4}"),
      ("awp-replace", "awp: {learning_rate: 1, epsilon: 0.01, start_epoch: 0, vectors: true}"),
      ("awp-add", "awp: {learning_rate: 1, epsilon: 0.2, steps: 2, mode: add, start_epoch: 0, vectors: true}"),
    ])
  func adversaries(scenario: String, recipe: String) throws {
    // In awp-add the clean and the adversarial gradient of one weight cancel to 1e-8 of either.
    try check(run(scenario, recipe), except: scenario == "awp-add" ? 1 : 0)
  }

  @Test(
    "exponential averages hold the shadow of published code",
    arguments: [
      ("ema", "ema: {decay: 0.9}"),
      ("ema-warm", "ema: {decay: 0.9, warm: true}"),
      ("ema-late-start", "ema: {decay: 0.9, start: 4}"),
    ])
  func exponentialAverages(scenario: String, recipe: String) throws {
    let run = try run(scenario, recipe)
    try check(run)
    let shadow = try #require(run.parts.averages.first?.averages)
    let error = try run.weightError(shadow.weights, file: "shadow")
    #expect(error.value < 2e-5, "\(error)")
  }

  @Test("Lookahead pulls back as the paper says")
  func lookahead() throws {
    try check(
      run("lookahead", "{}") { parts in
        parts.optimizer = Lookahead(parts.optimizer, weights: parts.state.weights, interval: 3, fraction: 0.5)
      })
  }

  @Test("frozen parts keep every bit, and the others train as if they were constants")
  func freezing() throws {
    let run = try run("freezing", "{}", frozen: ["bert.embeddings", "bert.encoder.layer.0"])
    try check(run)
    let initial = try Golden.tensors("freezing", "initial")
    for parameter in run.parts.state.parameters where parameter.isFrozen {
      #expect(Array(parameter.values) == (try initial.floats(parameter.name)))
    }
    #expect(run.parts.state.parameters.filter(\.isFrozen).count == 21)
  }

  @Test(
    "a teacher is an average on every rank, joined by name whatever is frozen",
    arguments: [
      ("self-distillation", []),
      ("freezing-self-distillation", ["bert.embeddings", "bert.encoder.layer.0"]),
    ])
  func selfDistillation(scenario: String, frozen: [String]) throws {
    let run = try run(scenario, "self_distillation: {coefficient: 1.0, decay: 0.995}", frozen: frozen)
    try check(run)
    let teacher = try #require(run.parts.averages.first?.averages)
    let error = try run.weightError(teacher.weights, file: "teacher")
    #expect(error.value < 2e-5, "\(error)")
  }

  @Test("FGM, clipping, Lookahead, warm-up and EMA compose in the order of the scenario", arguments: [8, 2])
  func together(microbatch: Int) throws {
    let schedule = Schedule.linear(warmUp: WarmUp(steps: 2), total: 8)
    let run = try run(
      "fgm-ema-clip-lookahead-warmup", "{fgm: {epsilon: 0.8}, ema: {decay: 0.9}}", microbatch: microbatch
    ) { parts in
      parts.optimizer = Lookahead(parts.optimizer, weights: parts.state.weights, interval: 2, fraction: 0.5)
      parts.clip = Clipping(maximum: 1)
      parts.learningRate = { schedule.learningRate(at: $0, base: 1e-3) }
    }
    try check(run)
    let norms = run.numbers("gradient_norms_before_clip")
    #expect(GoldenRun.largestRelativeError(run.reports.map(\.gradientNorm), norms) < 1e-5)
    let shadow = try #require(run.parts.averages.first?.averages)
    let error = try run.weightError(shadow.weights, file: "shadow")
    #expect(error.value < 2e-5, "\(error)")
  }
}
