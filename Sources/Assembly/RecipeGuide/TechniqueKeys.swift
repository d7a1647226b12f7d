import Optimizers
import Recipes
import Techniques
import Training

extension RecipeGuide {
  /// The cards of the techniques say more: formula, paper, cost.
  static let techniques =
    [
      RecipeKey(
        "techniques", .mapping, or: .otherwise("plain training"),
        "any that go together; {} or true takes a technique's defaults")
    ] + objectives + adversaries + averages + freezing

  private static let objectives = [
    RecipeKey(
      "techniques.label_smoothing", .toggle, or: .otherwise("none"),
      "some of each label's weight is spread over all classes"),
    RecipeKey(
      "techniques.label_smoothing.epsilon", .number(0...1), or: "0.1", "the share that is spread",
      why: "Szegedy et al. 2016"),
    RecipeKey(
      "techniques.class_weights", .text, .numbers, or: .otherwise("all alike"),
      "balanced, or one weight a class: rare classes count more"),
    RecipeKey(
      "techniques.focal_loss", .toggle, or: .otherwise("cross entropy"),
      "rows that are already right count less (Lin et al. 2017)"),
    RecipeKey(
      "techniques.focal_loss.gamma", .number(0...100), or: "2", "how much less; 0 is the cross entropy",
      why: "the paper's"),
    RecipeKey("techniques.focal_loss.weights", .numbers, or: .otherwise("all alike"), "one a class, the paper's alpha"),
    RecipeKey(
      "techniques.r_drop", .toggle, or: .otherwise("none"),
      "two forwards with masks of their own agree (Liang et al. 2021)"),
    RecipeKey(
      "techniques.r_drop.alpha", .number(0...1000), or: "0.5", "weight of the divergence",
      why: "the paper takes 0.5 to 5: the smaller the data, the more"),
    RecipeKey(
      "techniques.r_drop.reduction", .choice(of: RDrop.Reduction.self), or: "sample",
      "how the divergence is added up over rows",
      why: "sample: alpha means the same at every batch size; sum: as the published code"),
    RecipeKey(
      "techniques.r_drop.tokens", .choice(of: RDrop.Tokens.self), or: "labelled",
      "which tokens agree where words are labelled: those with a tag, or all that are not padding",
      why: "all is the published code's pad mask, and also compares tags that nobody reads"),
    RecipeKey(
      "techniques.self_distillation", .toggle, or: .otherwise("none"),
      "scores follow those of an average of past weights (Xu et al. 2020)"),
    RecipeKey(
      "techniques.self_distillation.coefficient", .number(0...1e6), or: "1", "weight of the squares",
      why: "the published code's"),
    RecipeKey(
      "techniques.self_distillation.decay", .number(0...1), or: "0.995", "of the teacher's exponential average",
      why: "half of the teacher is from the last 138 steps"),
    RecipeKey(
      "techniques.self_distillation.last", .integer(atLeast: 1, atMost: 64), or: .otherwise("decay decides"),
      "the mean of the last K weights in its place"),
    RecipeKey(
      "techniques.multi_sample_dropout", .toggle, or: .otherwise("losses are averaged"),
      "how the samples of model.multi_sample_dropout become one loss"),
    RecipeKey(
      "techniques.multi_sample_dropout.average", .choice(of: MultiSampleDropout.Average.self), or: "losses",
      "what is averaged",
      why: "losses is the paper's (Inoue 2019)"),
  ]

  private static let adversaries = [
    RecipeKey(
      "techniques.fgm", .toggle, or: .otherwise("none"),
      "a second gradient at embeddings moved along the first (Miyato et al. 2016)"),
    RecipeKey(
      "techniques.fgm.epsilon", .positive, or: "1", "length of the move",
      why: "the published code's; with norm max it must be given"),
    norm("techniques.fgm.norm"),
    target("techniques.fgm.target"),
    scope("techniques.fgm.scope"),
    RecipeKey(
      "techniques.pgd", .toggle, or: .otherwise("none"), "several such moves within a ball (Madry et al. 2018)"),
    RecipeKey(
      "techniques.pgd.epsilon", .positive, or: "1", "radius of the ball",
      why: "the published code's; with norm max it must be given"),
    RecipeKey(
      "techniques.pgd.alpha", .positive, or: "0.3", "length of a move",
      why: "three of them end just inside the ball; with norm max it must be given"),
    norm("techniques.pgd.norm"),
    RecipeKey(
      "techniques.pgd.steps", .integer(atLeast: 1, atMost: 1000), or: "3", "moves; each costs a forward and a backward",
      why: "the published code's"),
    target("techniques.pgd.target"),
    scope("techniques.pgd.scope"),
    RecipeKey(
      "techniques.awp", .toggle, or: .otherwise("none"), "the gradient at the worst weights nearby (Wu et al. 2020)"),
    RecipeKey(
      "techniques.awp.learning_rate", .positive, or: "1", "length of a move, relative to the weights",
      why: "almost every weight then reaches epsilon"),
    RecipeKey(
      "techniques.awp.epsilon", .positive, or: "0.01", "how far a weight may move, relative to itself",
      why: "usual for texts; take less for small learning rates"),
    RecipeKey(
      "techniques.awp.steps", .integer(atLeast: 1, atMost: 1000), or: "1", "moves",
      why: "each costs a forward and a backward"),
    RecipeKey(
      "techniques.awp.mode", .choice(of: AWP.Mode.self), or: "replace",
      "whether the gradient there replaces the clean one or is added to it",
      why: "replace is the paper's"),
    RecipeKey(
      "techniques.awp.start_epoch", .integer(atLeast: 0), or: "1",
      "the first epoch with it, counted from 0, so that as many go without",
      why: "early directions are noise"),
    RecipeKey(
      "techniques.awp.names", .text, or: "weight", "which parameters, by whole parts of names", why: "all but biases"),
    RecipeKey(
      "techniques.awp.vectors", .boolean, or: "false", "vectors too, such as the gains of norms",
      why: "the paper leaves them out"),
    RecipeKey(
      "techniques.awp.scope", .choice(of: AdversaryScope.self), or: "batch",
      "whose gradient is followed; example is refused",
      why: "batch is the same at any number of ranks"),
  ]

  private static func norm(_ path: String) -> RecipeKey {
    RecipeKey(
      path, .choice(of: AttackNorm.self), or: "l2", "how a move is measured",
      why: "l2: along g / ‖g‖, in a round ball; max: along the sign of g, each element up to epsilon")
  }

  private static func target(_ path: String) -> RecipeKey {
    RecipeKey(
      path, .text, or: "word_embeddings", "which parameters are moved, by whole parts of names",
      why: "the papers' choice; one that matches nothing is refused")
  }

  private static func scope(_ path: String) -> RecipeKey {
    RecipeKey(
      path, .choice(of: AdversaryScope.self), or: "batch", "whose gradient is followed",
      why:
        "batch: what published code does on one device, whatever the number of ranks; microbatch: without a further sum; "
        + "example: each row's own, as in Miyato et al. 2016")
  }

  private static let averages = [
    RecipeKey(
      "techniques.ema", .toggle, or: .otherwise("none"), "an exponential average of the weights, in models/ema"),
    RecipeKey(
      "techniques.ema.decay", .number(0...1), or: "0.999", "how slowly it moves",
      why: "half of it is from the last 693 steps; take 0.99 for runs of a few hundred"),
    RecipeKey("techniques.ema.start", .integer(atLeast: 0), or: "0", "steps before it begins"),
    RecipeKey(
      "techniques.ema.warm", .boolean, or: "false", "a smaller decay at first",
      why: "its beginning is then soon forgotten"),
    RecipeKey(
      "techniques.swa", .toggle, or: .otherwise("none"),
      "the mean of weights late in the run, in models/swa (Izmailov et al. 2018)"),
    RecipeKey(
      "techniques.swa.start", .integer(atLeast: 1), or: .required, "the first step whose weights are taken",
      why: "about three quarters of the run"),
    RecipeKey("techniques.swa.every", .integer(atLeast: 1), or: "1", "steps between weights that are taken"),
    RecipeKey("techniques.swa.unit", .choice(["step", "epoch"]), or: "step", "what start and every count"),
    RecipeKey(
      "techniques.swa.learning_rate", .number, or: .otherwise("the schedule goes on"), "the rate from start on",
      why: "averaging needs weights that keep moving"),
    RecipeKey("techniques.swa.anneal", .mapping, or: .otherwise("at once"), "how that rate is reached"),
    RecipeKey("techniques.swa.anneal.steps", .integer(atLeast: 0), or: "0", "steps until it is reached"),
    RecipeKey(
      "techniques.swa.anneal.kind", .choice(of: Schedule.Curve.self), or: "cosine", "the curve to it",
      why: "as PyTorch's SWALR"),
    RecipeKey(
      "techniques.swa.refresh", .choice(of: StatisticsRefresh.self), or: "pooled",
      "how batch norms get statistics for the mean",
      why:
        "pooled is exact for the inputs of training; parity is PyTorch's update_bn; the page on batch norms compares them"
    ),
  ]

  private static let freezing = [
    RecipeKey(
      "techniques.freeze", .mappings, or: .otherwise("model.freeze alone"),
      "what is frozen for some of the run (Howard and Ruder 2018)"),
    RecipeKey("techniques.freeze.paths", .texts, or: .required, "modules or parameters, and all below them"),
    RecipeKey(
      "techniques.freeze.from_step", .integer(atLeast: 0), or: .otherwise("the beginning"), "the first step, from 0"),
    RecipeKey(
      "techniques.freeze.from_epoch", .integer(atLeast: 0), or: .otherwise("the beginning"), "the same in epochs"),
    RecipeKey(
      "techniques.freeze.until_step", .integer(atLeast: 0), or: .otherwise("the end"),
      "the first step that is trained again"),
    RecipeKey("techniques.freeze.until_epoch", .integer(atLeast: 0), or: .otherwise("the end"), "the same in epochs"),
  ]
}
