import Foundation
import Testing

@Suite("A key of a recipe that changes nothing")
struct IdleKeyTests {
  private func check(_ settings: [String]) throws -> Shell.Outcome {
    let run = try TinyRun()
    var command = Command("recipe", "check", run.recipe, in: run.folder)
    command.arguments += settings.flatMap { ["--set", $0] }
    return try command.run()
  }

  /// Settings, and what the warnings name.
  static let idle: [([String], [String])] = [
    (
      [
        "schedule={kind: one_cycle}", "optimizer.betas=[0.8, 0.99]", "optimizer.lookahead={steps: 31, alpha: 1}",
        "data.validation=null", "evaluate.patience=2", "checkpoint.keep_improvements=1",
      ],
      [
        "optimizer.betas: has no effect: one_cycle moves", "optimizer.lookahead.steps: has no effect: it is 31",
        "optimizer.lookahead.alpha: has no effect", "evaluate.patience: has no effect: there are no validation rows",
        "checkpoint.keep_improvements: has no effect",
      ]
    ),
    (
      [
        "schedule={kind: step, every: 30}", "techniques.ema={decay: 1}", "techniques.label_smoothing={epsilon: 0}",
        "techniques.r_drop={alpha: 0.0}", "techniques.swa={start: 20, every: 11}",
        "techniques.freeze=[{paths: [bert.embeddings], from_step: 30}]",
      ],
      [
        "schedule.every: has no effect: the rate first falls after 30 steps", "techniques.ema.decay: has no effect",
        "techniques.label_smoothing.epsilon: has no effect", "techniques.r_drop.alpha: has no effect",
        "techniques.swa: averages one set of weights alone, that of step 20",
        "techniques.freeze.0: never acts, it begins after step 30 and the run ends after step 30",
      ]
    ),
    (
      [
        "schedule={kind: step, every: 2, unit: epoch, gamma: 1}", "techniques.swa={start: 31}",
        "techniques.freelb={steps: 1}",
      ],
      ["schedule.gamma: has no effect", "techniques.swa: never starts", "techniques.freelb.steps: has no effect"]
    ),
  ]

  @Test("is named in a warning, with what to do", arguments: idle)
  func warnings(settings: [String], warnings: [String]) throws {
    let outcome = try check(settings)
    #expect(outcome.status == 0, "\(outcome)")
    for warning in warnings { #expect(outcome.output.contains("warning: " + warning), "\(warning)\n\(outcome.output)") }
    #expect(outcome.output.components(separatedBy: " has no effect").count - 1 <= warnings.count)
  }

  @Test("is not named where it acts")
  func silence() throws {
    for settings in [
      ["schedule={kind: one_cycle, cycle_momentum: false}", "optimizer.betas=[0.8, 0.99]", "evaluate.patience=2"],
      ["schedule={kind: step, every: 29}", "optimizer.lookahead={steps: 30}", "techniques.swa={start: 20, every: 10}"],
      ["techniques.freeze=[{paths: [bert.embeddings], from_step: 29}]", "techniques.ema={decay: 0.9}"],
    ] {
      let outcome = try check(settings)
      #expect(outcome.status == 0 && !outcome.output.contains("no effect"), "\(outcome)")
      #expect(!outcome.output.contains("never acts") && !outcome.output.contains("alone"), "\(outcome)")
    }
  }

  @Test("is warned of where a run begins, too")
  func start() throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "steps=2", "--set", "techniques.label_smoothing={epsilon: 0}").run()
    #expect(
      outcome.status == 0 && outcome.error.contains("techniques.label_smoothing.epsilon: has no effect"), "\(outcome)")
  }

  @Test(
    "is refused where no other run needs it",
    arguments: [
      (["evaluate.metrics=[accuracy]", "evaluate.positive=0"], "evaluate.positive has no effect"),
      (["model.freeze=[\"\"]"], "model.freeze names a part without a name"),
      (["techniques.freeze=[{paths: [\"\"]}]"], "techniques.freeze.0.paths names a part without a name"),
      (["data.train=[]"], "data.train is an empty list; name at least one file"),
    ])
  func refusals(settings: [String], words: String) throws {
    let outcome = try check(settings)
    #expect(outcome.status == 2 && outcome.error.contains(words), "\(outcome)")
  }

  @Test("of the environment is refused as well, and so is a penalty without stacking")
  func environment() throws {
    let run = try TinyRun()
    for (name, value, words) in [
      ("LOCKSTEP_ENCRYPT", "maybe", "LOCKSTEP_ENCRYPT is 'maybe'"),
      ("WORLD_SIZE", "2", "WORLD_SIZE is 2, so there are 2"),
      ("LOCAL_RANK", "1", "LOCAL_RANK is 1, so there are 2 processes or more"),
    ] {
      var command = run.train()
      command.variables[name] = value
      let outcome = try command.run()
      #expect(outcome.status == 78 && outcome.error.contains(words), "\(outcome)")
    }
    let outcome = try Command("ensemble", "a.jsonl", "b.jsonl", "--penalty", "2", in: run.folder).run()
    #expect(outcome.status == 64 && outcome.error.contains("--penalty belongs to --out-of-fold"), "\(outcome)")
  }
}
