import Recipes
import Techniques
import TestSupport
import Testing

/// Recipes that cannot be followed, and recipes that ask for something that will do nothing.
@Suite struct RecipeTests {
  private func problem(_ recipe: String, dropoutSamples: Int = 1) throws -> String {
    var parts = try TinyBert.parts(microbatch: 8)
    do {
      try parts.install(recipe, totalSteps: 6, dropoutSamples: dropoutSamples)
      return ""
    } catch let error as RecipeError {
      return error.description
    }
  }

  @Test(
    "a bad recipe is refused with the key, the reason and what to do",
    arguments: [
      ("fgm: {target: emb}", "techniques.fgm.target is \"emb\", which matches no parameter"),
      ("fgm: {target: emb}", "whole parts of names count"),
      ("pgd: {target: encoder.layer.7}", "techniques.pgd.target is \"encoder.layer.7\", which matches no parameter"),
      ("{fgm: {}, awp: {}}", "techniques.awp is given next to fgm; keep one adversary"),
      ("{pgd: true, fgm: true}", "techniques.pgd is given next to fgm"),
      ("{freelb: {}, pgd: {}}", "techniques.freelb is given next to pgd"),
      ("fgm: {epsilon: 0}", "techniques.fgm.epsilon is 0; give a number above 0"),
      ("fgm: {epsilom: 1}", "techniques.fgm.epsilom is not a known key in techniques.fgm; did you mean \"epsilon\"?"),
      ("fgm: {scope: rank}", "techniques.fgm.scope is \"rank\"; give one of batch, microbatch, example"),
      ("fgm: {scope: example, target: pooler}", "techniques.fgm.scope is \"example\", which moves embedded tokens"),
      ("fgm: {norm: max}", "techniques.fgm.epsilon is missing; with norm max it is how far each element moves"),
      ("pgd: {norm: max, epsilon: 0.1}", "techniques.pgd.alpha is missing; with norm max it is how far each"),
      ("freelb: {norm: max, alpha: 0.01}", "techniques.freelb.epsilon is missing; with norm max it is how far each"),
      ("fgm: {norm: linf}", "techniques.fgm.norm is \"linf\"; give one of l2, max"),
      ("swa: {start: 2, refresh: pooled}", "techniques.swa.refresh has no effect: it belongs to batch norms"),
      ("pgd: {steps: 0}", "techniques.pgd.steps is 0; give at least 1"),
      ("freelb: {steps: 0}", "techniques.freelb.steps is 0; give at least 1"),
      ("awp: {scope: example}", "techniques.awp.scope is \"example\", but all examples share the weights"),
      ("awp: {names: LayerNorm}", "techniques.awp.names matches vectors alone"),
      ("awp: {mode: both}", "techniques.awp.mode is \"both\"; give one of replace, add"),
      ("r_drop: {reduction: mean}", "techniques.r_drop.reduction is \"mean\"; give one of sample, sum"),
      ("self_distillation: {last: 3, decay: 0.9}", "techniques.self_distillation.last is given next to decay"),
      ("self_distillation: {last: 0}", "techniques.self_distillation.last is 0; give at least 1"),
      ("ema: {decay: 1.5}", "techniques.ema.decay is 1.5; give a value from 0 to 1"),
      ("ema: null", "techniques.ema is empty; write {} for its defaults, or false for none"),
      ("swa: {}", "techniques.swa.start is missing"),
      ("swa: {start: 0}", "techniques.swa.start is 0; give at least 1"),
      ("swa: {start: 2, anneal: {steps: 3}}", "techniques.swa.anneal has no rate to go to"),
      ("swa: {start: 2, learning_rate: 0.1, anneal: {kind: step}}", "techniques.swa.anneal.kind is \"step\""),
      ("{focal_loss: {}, label_smoothing: {}}", "techniques.label_smoothing is given next to focal_loss"),
      ("{focal_loss: {}, class_weights: balanced}", "techniques.class_weights is given next to focal_loss"),
      ("class_weights: [1, 2]", "techniques.class_weights holds 2 weights for 3 classes"),
      ("class_weights: [1, 2, 0]", "techniques.class_weights holds 0.0; give weights above 0"),
      ("class_weights: rare", "techniques.class_weights is \"rare\"; give balanced, or one weight a class"),
      ("multi_sample_dropout: {}", "give model.multi_sample_dropout several probabilities"),
      (
        "freeze: [{paths: [bert.encoder.layer.9]}]", "techniques.freeze.0.paths names bert.encoder.layer.9, which is no"
      ),
      ("freeze: [{until_step: 3}]", "techniques.freeze.0.paths is missing"),
      ("freeze: {paths: [classifier], until_step: 1, until_epoch: 1}", "is given next to until_epoch"),
      ("freeze: {paths: [classifier], from_step: 4, until_epoch: 1}", "not after the beginning at step 4"),
      ("fmg: {}", "techniques.fmg is not a known key in techniques; did you mean \"fgm\"?"),
    ])
  func refusals(recipe: String, expected: String) throws {
    let problem = try problem(recipe)
    #expect(problem.contains(expected), "\(problem)")
  }

  @Test("an adversary of a frozen part is refused")
  func frozenTarget() throws {
    var parts = try TinyBert.parts(microbatch: 8)
    parts.state.freeze(["bert.embeddings"])
    let error = #expect(throws: RecipeError.self) { try parts.install("fgm: {}", totalSteps: 6) }
    #expect(error?.description.contains("is frozen and has no gradient") == true)
  }

  @Test("a technique is switched on by true or {} and off by false")
  func switches() throws {
    for (recipe, isOn) in [("fgm: true", true), ("fgm: {}", true), ("fgm: false", false), ("{}", false)] {
      var parts = try TinyBert.parts(microbatch: 8)
      try parts.install(recipe, totalSteps: 6)
      #expect((parts.adversary != nil) == isOn, "\(recipe)")
    }
  }

  @Test(
    "what will do nothing is told at the beginning",
    arguments: [
      ("r_drop: {}", 0.0, "r_drop: the model has no dropout"),
      ("r_drop: {}", 0.1, nil),
      ("ema: {start: 7}", 0.1, "ema: never starts, the run ends after step 6"),
      ("ema: {start: 6}", 0.1, nil),
      ("swa: {start: 3, unit: epoch}", 0.1, "swa: never starts"),
      ("awp: {start_epoch: 2}", 0.1, "awp: never acts, the run ends before epoch 2"),
      ("awp: {start_epoch: 1}", 0.1, nil),
    ])
  func notes(recipe: String, dropout: Double, expected: String?) throws {
    var parts = try TinyBert.parts(microbatch: 8, dropout: dropout)
    let notes = try parts.install(recipe, totalSteps: 6)
    #expect(notes.count == (expected == nil ? 0 : 1))
    if let expected { #expect(notes[0].contains(expected)) }
  }
}
