import Layers
import Models
import Optimizers
import Tensors
import TestSupport
import Testing

/// Runs of PyTorch and transformers, repeated by the trainer.
@Suite struct GoldenTests {
  @Test("AdamW trains as PyTorch's, however the batch is cut", arguments: [8, 4, 2, 1])
  func adamW(microbatch: Int) throws {
    let run = try GoldenRun("adamw", microbatch: microbatch)
    #expect(run.lossError < 1e-5)
    let error = try run.weightError(run.parts.state.weights)
    // Cut otherwise, the sums round otherwise, and Adam makes more of it.
    #expect(error.value < (microbatch == 8 ? 2e-5 : 1e-4), "\(error)")
  }

  @Test("AdamW without bias correction trains as published code does")
  func adamWWithoutBiasCorrection() throws {
    let run = try GoldenRun("adamw-without-bias-correction") { parts in
      parts.optimizer = AdamW(layout: parts.state.layout, correctsBias: false)
    }
    #expect(run.lossError < 1e-5)
    let error = try run.weightError(run.parts.state.weights)
    #expect(error.value < 2e-5, "\(error)")
  }

  @Test("SGD with Nesterov's momentum and coupled decay trains as PyTorch's")
  func sgd() throws {
    let run = try GoldenRun("sgd-nesterov") { parts in
      parts.optimizer = SGD(layout: parts.state.layout, momentum: 0.9, isNesterov: true)
      parts.learningRate = { _ in 0.05 }
      parts.undecayed = []
    }
    #expect(run.lossError < 1e-5)
    let error = try run.weightError(run.parts.state.weights)
    #expect(error.value < 2e-5, "\(error)")
  }

  @Test("clipping acts on the norm of the mean gradient, which is reported unclipped", arguments: [8, 2])
  func clip(microbatch: Int) throws {
    let run = try GoldenRun("clip", microbatch: microbatch) { $0.clip = Clipping(maximum: 0.5) }
    let norms = run.numbers("gradient_norms_before_clip")
    #expect(GoldenRun.largestRelativeError(run.reports.map(\.gradientNorm), norms) < 1e-5)
    #expect(run.lossError < 1e-5)
    let error = try run.weightError(run.parts.state.weights)
    #expect(error.value < (microbatch == 8 ? 2e-5 : 1e-4), "\(error)")
  }

  @Test("a linear warm-up starts at zero and its learning rates are those of transformers")
  func warmUp() throws {
    let schedule = Schedule.linear(warmUp: WarmUp(steps: 2), total: 8)
    let run = try GoldenRun("warmup-linear") { $0.learningRate = { schedule.learningRate(at: $0, base: 1e-3) } }
    let rates = run.numbers("learning_rates")
    #expect(run.reports.map(\.learningRate).elementsEqual(rates) { abs($0 - $1) < 1e-12 })
    #expect(run.lossError < 1e-5)
    let error = try run.weightError(run.parts.state.weights)
    #expect(error.value < 2e-5, "\(error)")
  }
}
