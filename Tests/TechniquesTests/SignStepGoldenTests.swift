import Layers
import Optimizers
import Tensors
import TestSupport
import Testing

/// FGM and PGD with the sign of the gradient, computed by PyTorch and repeated from recipes by the trainer.
@Suite("Golden: sign steps") struct SignStepGoldenTests {
  private static let recipes = [
    ("techniques/fgm-sign", "fgm: {norm: max, epsilon: 0.02"),
    ("techniques/pgd-sign", "pgd: {norm: max, epsilon: 0.03, alpha: 0.02, steps: 3"),
  ]

  private static func check(_ run: GoldenFamily) throws {
    let errors = run.reportErrors
    #expect(errors.losses < 1e-5 && errors.norms < 1e-5, "\(errors)")
    let wrong = try run.wrongTensors(
      run.parts.state.weights, file: "final", tolerance: 2e-5, own: "final_tolerances", except: "final_excludes")
    #expect(wrong.isEmpty, "\(wrong)")
  }

  @Test("have the losses, norms and weights of PyTorch, whatever the microbatch", arguments: recipes, [false, true])
  func runs(recipe: (scenario: String, text: String), oneByOne: Bool) throws {
    try Self.check(
      GoldenFamily(recipe.scenario, microbatch: { oneByOne ? 1 : $0 }) {
        try $0.install(recipe.text + "}", totalSteps: 5)
      })
  }

  @Test("follow the gradient of a microbatch as that of a batch where there is one", arguments: recipes)
  func microbatchScope(scenario: String, text: String) throws {
    try Self.check(GoldenFamily(scenario) { try $0.install(text + ", scope: microbatch}", totalSteps: 5) })
  }

  @Test("are taken along the gradients of PyTorch", arguments: recipes)
  func gradients(scenario: String, text: String) throws {
    var recorder: GradientRecorder?
    let run = try GoldenFamily(scenario) { parts in
      try parts.install(text + "}", totalSteps: 5)
      parts.clip = nil
      let own = GradientRecorder(parts.optimizer, layout: parts.state.layout)
      parts.optimizer = own
      recorder = own
    }
    let gradient = try #require(recorder?.gradient)
    let wrong = try run.wrongTensors(
      gradient, file: "gradients", tolerance: 1e-4, own: "gradient_tolerances", except: "zero_gradients")
    #expect(wrong.isEmpty, "\(wrong)")
    for name in run.facts["zero_gradients"] as? [String] ?? [] {
      #expect(try #require(gradient[name]).allSatisfy { abs($0) < 1e-6 }, "\(name)")
    }
  }
}
