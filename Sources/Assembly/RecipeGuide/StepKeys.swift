import Optimizers
import Recipes
import Scores

extension RecipeGuide {
  /// How weights are updated.
  static let step = [
    RecipeKey("optimizer", .mapping, or: .otherwise("the defaults of its keys"), "how weights are updated"),
    RecipeKey(
      "optimizer.kind", .choice(of: OptimizerRecipe.Kind.self), or: "adamw", "AdamW, or SGD with momentum",
      why: "adamw for transformers, sgd for networks with batch norms"),
    RecipeKey(
      "optimizer.learning_rate", .number(0...1e6), or: "2e-05", "the highest rate that the schedule reaches",
      why: "for fine-tuning; random weights want 1e-4 to 1e-3, sgd 0.01 to 0.1"),
    RecipeKey(
      "optimizer.weight_decay", .number(0...1e6), or: "0.01", "decay of weights; biases and norms do not decay",
      why: "BERT's own"),
    RecipeKey("optimizer.betas", .numbers, or: "[0.9, 0.999]", "decay of adamw's two moments", why: "the paper's"),
    RecipeKey("optimizer.epsilon", .number(1e-30...1), or: "1e-08", "added to adamw's root", why: "the paper's"),
    RecipeKey(
      "optimizer.bias_correction", .boolean, or: "true", "of adamw's moments",
      why: "the first BERT code left it out, which makes small data sets unstable (Mosbach et al. 2021)"),
    RecipeKey(
      "optimizer.momentum", .number(0...0.999999), or: "0.9", "of sgd",
      why: "usual since the 1980s; one_cycle has its own"
    ),
    RecipeKey("optimizer.nesterov", .boolean, or: "false", "of sgd: the gradient is taken after the momentum's move"),
    RecipeKey(
      "optimizer.sharded", .boolean, or: "false",
      "each rank keeps moments of its own part of the weights and updates that part; the same bits",
      why: "saves (ranks - 1) / ranks of the moments' memory and sends the weights once more a step"),
    RecipeKey(
      "optimizer.lookahead", .mapping, or: .otherwise("none"),
      "slow weights that follow the optimizer's every few steps (Zhang et al. 2019)"),
    RecipeKey(
      "optimizer.lookahead.steps", .integer(atLeast: 1), or: "5", "fast steps for a slow one", why: "the paper's"),
    RecipeKey(
      "optimizer.lookahead.alpha", .number(1e-6...1), or: "0.5", "how far the slow weights go", why: "the paper's"),
    RecipeKey(
      "schedule", .mapping, or: .otherwise("the defaults of its keys"),
      "how the learning rate moves over the steps; a key that its kind does not read is refused"),
    RecipeKey(
      "schedule.kind", .choice(of: ScheduleRecipe.Kind.self), or: "linear",
      "the curve, after the warm-up where it has one",
      why: "linear to 0 is BERT's; exponential and step multiply by gamma; one_cycle is PyTorch's OneCycleLR"),
    RecipeKey(
      "schedule.unit", .choice(of: ScheduleRecipe.Unit.self), or: "step",
      "what warmup, every and period count, and when the rate changes; of all kinds but one_cycle",
      why: "epoch: the rate stands still within an epoch, as where PyTorch's schedulers are stepped once an epoch"),
    RecipeKey(
      "schedule.warmup", .number(0...1e9), or: "0",
      "steps, or a share of all steps if below 1, of constant, linear, cosine, polynomial",
      why: "0.05 to 0.1 steadies AdamW's first steps; none, so that a short run is not mostly warm-up"),
    RecipeKey(
      "schedule.warmup_from_first_step", .boolean, or: "false", "the first step's rate is that of the second",
      why: "the usual code gives the first step a rate of 0"),
    RecipeKey("schedule.power", .number(1e-3...100), or: "1", "of polynomial"),
    RecipeKey(
      "schedule.final", .number(0...1e6), or: "0", "the last rate, of polynomial, cosine_annealing, warm_restarts"),
    RecipeKey("schedule.every", .integer(atLeast: 1), or: "1", "steps between two factors, of step"),
    RecipeKey("schedule.gamma", .number(1e-6...1), or: "0.1", "the factor, of step and exponential"),
    RecipeKey(
      "schedule.period", .integer(atLeast: 1), or: .otherwise("all steps"),
      "steps of half a wave, of cosine_annealing and warm_restarts"),
    RecipeKey(
      "schedule.multiplier", .integer(atLeast: 1, atMost: 1_000_000), or: "1",
      "each period's length to the one before, of warm_restarts"),
  ]

  /// Keys of `one_cycle`.
  static let oneCycle = [
    RecipeKey(
      "schedule.pct_start", .number(0...1), or: "0.3", "the share of all steps in which the rate rises, of one_cycle",
      why: "this and the next keys have the names and defaults of PyTorch's OneCycleLR"),
    RecipeKey(
      "schedule.div_factor", .number(1...1e9), or: "25", "optimizer.learning_rate to the first rate, of one_cycle"),
    RecipeKey(
      "schedule.final_div_factor", .number(1...1e12), or: "10000", "the first rate to the last one, of one_cycle"),
    RecipeKey(
      "schedule.curve", .choice(of: Schedule.Curve.self), or: "cosine", "how the rate rises and falls, of one_cycle",
      why: "PyTorch's anneal_strategy"),
    RecipeKey(
      "schedule.cycle_momentum", .boolean, or: "true",
      "whether momentum (of sgd; the first beta of adamw) falls while the rate rises, of one_cycle",
      why: "high rates want less of it (Smith and Topin 2018)"),
    RecipeKey(
      "schedule.base_momentum", .number(0...0.999999), or: "0.85",
      "the lowest momentum, at the highest rate, of one_cycle"
    ),
    RecipeKey(
      "schedule.max_momentum", .number(0...0.999999), or: "0.95", "the highest momentum, first and last, of one_cycle"),
  ]

  /// What happens between steps.
  static let course = [
    RecipeKey(
      "evaluate", .mapping, or: .otherwise("the defaults of its keys"), "how the model is measured on data.validation"),
    RecipeKey(
      "evaluate.every", .integer(atLeast: 1), or: .otherwise("at the end of each epoch"), "steps between evaluations"),
    RecipeKey(
      "evaluate.metrics", .texts, or: .otherwise("what is usual for the task: accuracy of classes"),
      "what is measured, by the names of the page on measures",
      why: "take f1 or matthews where classes are rare; with more than two classes f1 is f1_macro"),
    RecipeKey(
      "evaluate.positive", .text, or: .otherwise("the second class"),
      "the class of two that f1, precision and recall are of"),
    RecipeKey(
      "evaluate.best", .text, or: .otherwise("the first of evaluate.metrics"),
      "the metric, or loss, that chooses models/best"),
    RecipeKey(
      "evaluate.batch", .integer(atLeast: 1, atMost: 65_536), or: "64", "rows evaluated at once",
      why: "it changes no figure, only speed and memory"),
    RecipeKey(
      "evaluate.patience", .integer(atLeast: 1), or: .otherwise("the run goes to its end"),
      "evaluations without improvement before the run stops"),
    RecipeKey(
      "evaluate.weights", .choice(of: EvaluatedWeights.self), or: "both",
      "which weights are evaluated where a technique averages them, and so compete for models/best",
      why: "averages alone take half of the time; until an average begins, the raw weights are evaluated"),
    RecipeKey(
      "checkpoint", .toggle, or: .otherwise("the defaults of its keys"),
      "what an interrupted run continues from; one is written at the end, too, and false writes none but on request"),
    RecipeKey(
      "checkpoint.every", .integer(atLeast: 1), or: .otherwise("minutes decides"), "steps between checkpoints",
      why: "as many as you would not like to lose: training continues while one is written"),
    RecipeKey(
      "checkpoint.minutes", .positive, or: .otherwise("10, or none where every is given"),
      "minutes between checkpoints", why: "rank 0's clock decides after which step; no result depends on it"),
    RecipeKey(
      "checkpoint.keep", .integer(atLeast: 1), or: "2", "how many of the newest stay; the best one stays, too",
      why: "the newest may be damaged; each holds weights and moments"),
    RecipeKey(
      "checkpoint.keep_improvements", .integer(atLeast: 0), or: "0",
      "how many of the newest improved models stay, in folders such as models/step-400-accuracy-0.7048",
      why: "models/best is the newest of them alone"),
    RecipeKey("verify", .mapping, or: .otherwise("the defaults of its keys"), "how a run watches itself"),
    RecipeKey(
      "verify.replicas", .integer(atLeast: 0), or: "50", "steps between comparisons of what the ranks hold; 0 for none",
      why: "a flipped bit is found soon, for less than 1 % of the time"),
  ]
}
