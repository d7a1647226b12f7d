import Compression
import DataParallel

extension ReductionSettings {
  /// What numbers are sent as.
  private enum Wire: String, CaseIterable { case fp32, bf16, int8 }

  /// Recipe key `reduction`: a word, or a mapping with the word as its `kind`.
  init(_ recipe: Section) throws {
    guard recipe.isMapping("reduction"), let section = try recipe.section("reduction") else {
      self.init(try recipe.choice("reduction", default: Kind.ring))
      return
    }
    let wire = try section.choice("wire", default: Wire.fp32)
    self.init(
      try section.choice("kind", default: Kind.ring), wire: WireFormat(rawValue: wire.rawValue),
      every: try section.integer("every", default: 1, atLeast: 1), outer: try section.toggle("outer").map(Outer.init),
      overlap: try section.boolean("overlap"))
    if wire != .fp32, !kind.reduction.takesWire {
      throw section.error(
        "wire",
        "is \(wire.rawValue) next to kind \(kind.rawValue), and fewer bits have their own kind; leave kind out")
    }
    if kind.reduction.equalRanks == nil, outer != nil {
      throw section.error(
        "kind",
        "is \(kind.rawValue), the same bits at any number of ranks, which steps of each rank's own cannot give;"
          + " take ring, or leave out every and outer")
    }
    if overlap == true, outer != nil || !kind.reduction.overlaps {
      let reason =
        outer == nil ? "kind \(kind.rawValue), which sums on one thread alone" : "every, which sums no gradients"
      throw section.error("overlap", "is true beside \(reason); leave it out")
    }
    try section.finish()
  }
}

extension ReductionSettings.Outer {
  fileprivate init(_ section: Section) throws {
    self.init()
    learningRate = try section.number("learning_rate", default: learningRate, in: 1e-6...100)
    momentum = try section.number("momentum", default: momentum, in: 0...0.999999)
    isNesterov = try section.boolean("nesterov", default: isNesterov)
    if isNesterov && momentum == 0 { throw section.error("nesterov", "needs a momentum above 0; give one, or false") }
    try section.finish()
  }
}
