/// Recipe section `optimizer`.
public struct OptimizerRecipe {
  public enum Kind: String, Sendable, CaseIterable { case adamw, sgd }

  public struct LookaheadRecipe {
    public var steps: Int
    public var alpha: Double
  }

  public var kind: Kind
  public var learningRate: Double
  public var weightDecay: Double
  public var betas: (Double, Double)
  public var epsilon: Double
  public var biasCorrection: Bool
  public var momentum: Double
  public var nesterov: Bool
  public var lookahead: LookaheadRecipe?
  /// Whether each rank keeps moments of its own part of the weights alone, and updates that part.
  public var isSharded: Bool

  init(_ section: Section) throws {
    let kind = try section.choice("kind", default: Kind.adamw)
    self.kind = kind
    learningRate = try section.number("learning_rate", default: 2e-5, in: 0...1e6)
    weightDecay = try section.number("weight_decay", default: 0.01, in: 0...1e6)
    let pair = try section.numbers("betas", default: [0.9, 0.999])
    guard pair.count == 2, pair.allSatisfy({ (0..<1).contains($0) }) else {
      throw section.error("betas", "is not a pair of numbers from 0 to below 1; write [0.9, 0.999]")
    }
    betas = (pair[0], pair[1])
    epsilon = try section.number("epsilon", default: 1e-8, in: 1e-30...1)
    biasCorrection = try section.boolean("bias_correction", default: true)
    momentum = try section.number("momentum", default: 0.9, in: 0...0.999999)
    nesterov = try section.boolean("nesterov", default: false)
    try section.refuse(
      "betas", "epsilon", "bias_correction", unless: kind == .adamw, "is not read by kind \(kind.rawValue)",
      "take kind adamw")
    try section.refuse(
      "momentum", "nesterov", unless: kind == .sgd, "is not read by kind \(kind.rawValue)", "take kind sgd")
    if nesterov && momentum == 0 { throw section.error("nesterov", "needs a momentum above 0; give one") }
    isSharded = try section.boolean("sharded", default: false)
    if let inner = try section.section("lookahead") {
      lookahead = LookaheadRecipe(
        steps: try inner.integer("steps", default: 5, atLeast: 1),
        alpha: try inner.number("alpha", default: 0.5, in: 1e-6...1))
      try inner.finish()
    }
    try section.finish()
  }
}
