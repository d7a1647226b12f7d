import Compression

/// Recipe key `reduction`: how the results of the ranks become one. A word, or a mapping with the word as its `kind`.
public struct ReductionRecipe: Sendable, Hashable {
  /// In which order, and by whom, the terms of a sum are added; the page "Reductions" has them all.
  public enum Kind: String, Sendable, CaseIterable { case ring, ordered, hierarchical, mpi }

  /// The step that all ranks take together after steps of their own; see `OuterStep`.
  public struct Outer: Sendable, Hashable {
    public var learningRate = 0.7
    public var momentum = 0.9
    public var isNesterov = true

    public init(learningRate: Double = 0.7, momentum: Double = 0.9, isNesterov: Bool = true) {
      (self.learningRate, self.momentum, self.isNesterov) = (learningRate, momentum, isNesterov)
    }

    /// The mean of the ranks' weights.
    public static let mean = Outer(learningRate: 1, momentum: 0, isNesterov: false)
  }

  /// What numbers are sent as.
  private enum Wire: String, CaseIterable { case fp32, bf16, int8 }

  public var kind: Kind
  /// How numbers are written on the wire; nil for whole floats.
  public var wire: WireFormat?
  /// Steps from one sum to the next.
  public var every = 1
  /// How ranks come together after `every` steps of their own; nil where every step's gradient is summed.
  public var outer: Outer?
  /// Whether a gradient's sum begins while the backward pass still works; nil where that depends on where the ranks are.
  public var overlap: Bool?

  public init(_ kind: Kind, wire: WireFormat? = nil, every: Int = 1, outer: Outer? = nil, overlap: Bool? = nil) {
    precondition(every >= 1, "sums every \(every) steps")
    self.kind = kind
    self.wire = wire
    self.every = every
    self.overlap = overlap
    self.outer = outer ?? (every > 1 ? .mean : nil)
  }

  public static let ring = ReductionRecipe(.ring)
  public static let ordered = ReductionRecipe(.ordered)

  init(_ recipe: Section) throws {
    guard recipe.isMapping("reduction"), let section = try recipe.section("reduction") else {
      self.init(try recipe.choice("reduction", default: .ring))
      return
    }
    let wire = try section.choice("wire", default: Wire.fp32)
    self.init(
      try section.choice("kind", default: .ring), wire: WireFormat(rawValue: wire.rawValue),
      every: try section.integer("every", default: 1, atLeast: 1), outer: try section.toggle("outer").map(Outer.init),
      overlap: try section.boolean("overlap"))
    if wire != .fp32, kind != .ring {
      throw section.error(
        "wire",
        "is \(wire.rawValue) next to kind \(kind.rawValue), and fewer bits take a way of their own; leave kind out")
    }
    if kind == .ordered, outer != nil {
      throw section.error(
        "kind",
        "is ordered, the same bits at any number of ranks, which steps of each rank's own cannot give;"
          + " take ring, or leave out every and outer")
    }
    if overlap == true, outer != nil || kind == .mpi {
      let reason = outer == nil ? "kind mpi, which sums on one thread alone" : "every, which sums no gradients"
      throw section.error("overlap", "is true beside \(reason); leave it out")
    }
    try section.finish()
  }
}

extension ReductionRecipe.Outer {
  fileprivate init(_ section: Section) throws {
    learningRate = try section.number("learning_rate", default: learningRate, in: 1e-6...100)
    momentum = try section.number("momentum", default: momentum, in: 0...0.999999)
    isNesterov = try section.boolean("nesterov", default: isNesterov)
    if isNesterov && momentum == 0 { throw section.error("nesterov", "needs a momentum above 0; give one, or false") }
    try section.finish()
  }
}

extension ReductionRecipe: CustomStringConvertible {
  /// As a recipe says it, what is usual left out, and what changes no bit: runs with the same description reduce alike.
  public var description: String {
    let parts = [
      wire.map { "wire: \($0.rawValue)" },
      outer.map {
        "every: \(every), outer: {learning_rate: \($0.learningRate), momentum: \($0.momentum), nesterov: \($0.isNesterov)}"
      },
    ].compactMap(\.self)
    return parts.isEmpty ? kind.rawValue : "{kind: \(kind.rawValue), \(parts.joined(separator: ", "))}"
  }

  /// Up to how many ranks give the bits of one process; nil for any number.
  public var equalRanks: Int? { outer != nil || wire != nil || kind == .mpi ? 1 : kind == .ordered ? nil : 2 }

  /// What the user should know of results that the number of ranks changes; nil where it changes rounding alone.
  public var warning: String? {
    outer == nil
      ? nil
      : "reduction: ranks take \(every) steps of their own between sums, so results depend on the number of ranks"
  }
}
