import Optimizers
import Tensors
import Testing

/// What holds for every optimizer.
struct OptimizerLawsTests {
  enum Kind: CaseIterable { case adamW, adamWWithoutCorrection, sgd, nesterov, lookaheadOfAdamW, lookaheadOfSGD }

  static func make(_ kind: Kind, weights: Arena) -> any Optimizer {
    switch kind {
    case .adamW: AdamW(layout: weights.layout)
    case .adamWWithoutCorrection: AdamW(layout: weights.layout, correctsBias: false)
    case .sgd: SGD(layout: weights.layout)
    case .nesterov: SGD(layout: weights.layout, isNesterov: true)
    case .lookaheadOfAdamW: Lookahead(AdamW(layout: weights.layout), weights: weights, interval: 3)
    case .lookaheadOfSGD: Lookahead(SGD(layout: weights.layout), weights: weights, interval: 2, fraction: 0.8)
    }
  }

  /// A tensor is frozen at first, so that counters that belong to single tensors are covered too.
  private func step(_ optimizer: any Optimizer, _ weights: Arena, _ steps: Range<Int>) {
    for step in steps {
      let groups = Toy.groups(weightDecay: 0.01, frozen: step < 3 ? ["first.weight"] : [])
      let gradients = Toy.arena(seed: 40 + UInt64(step))
      optimizer.step(
        weights: weights, gradients: gradients, learningRate: 0.01, gradientFactor: 0.5, groups: groups)
    }
  }

  @Test("saved after any step and restored, a run goes on bit for bit", arguments: Kind.allCases, [1, 2, 3, 4, 5])
  func resumes(kind: Kind, cut: Int) throws {
    let straight = Toy.arena(seed: 7)
    step(Self.make(kind, weights: straight), straight, 0..<8)

    let first = Toy.arena(seed: 7)
    let saved = Self.make(kind, weights: first)
    step(saved, first, 0..<cut)

    let second = Toy.arena(seed: 8)
    let restored = Self.make(kind, weights: second)
    second.copy(from: first)
    for (target, source) in zip(restored.state, saved.state) {
      #expect(target.name == source.name)
      target.arena.copy(from: source.arena)
    }
    try restored.restore(counters: saved.counters)
    #expect(restored.counters == saved.counters)
    step(restored, second, cut..<8)
    #expect(Toy.firstDifference(Toy.bits(second), Toy.bits(straight)) == nil)
    #expect(restored.counters["steps"] == (saved.counters["steps"] == nil ? nil : 8))
  }

  @Test("divided into shares, as by several ranks, an update gives the same bits", arguments: Kind.allCases)
  func shares(kind: Kind) {
    let whole = Toy.arena(seed: 7)
    step(Self.make(kind, weights: whole), whole, 0..<4)

    let count = Toy.layout.count
    var assembled = [UInt32](repeating: 0, count: count)
    for share in [0..<1, 1..<700, 700..<17_001, 17_001..<count] {
      let weights = Toy.arena(seed: 7)
      let optimizer = Self.make(kind, weights: weights)
      for step in 0..<4 {
        let groups = Toy.groups(weightDecay: 0.01, frozen: step < 3 ? ["first.weight"] : []).restricted(to: share)
        optimizer.step(
          weights: weights, gradients: Toy.arena(seed: 40 + UInt64(step)), learningRate: 0.01, gradientFactor: 0.5,
          groups: groups)
      }
      assembled.replaceSubrange(share, with: Toy.bits(weights)[share])
    }
    #expect(Toy.firstDifference(assembled, Toy.bits(whole)) == nil)
  }

  @Test("the gaps between tensors stay zero", arguments: Kind.allCases)
  func gaps(kind: Kind) {
    let weights = Toy.arena(seed: 7)
    let optimizer = Self.make(kind, weights: weights)
    step(optimizer, weights, 0..<4)
    let tensors = Set(Toy.layout.slices.flatMap { Array($0.range) })
    for arena in [weights] + optimizer.state.map(\.arena) {
      #expect((0..<arena.count).allSatisfy { tensors.contains($0) || arena.pointer[$0] == 0 })
    }
  }

  @Test("counters of another optimizer, or damaged ones, are refused with the counter's name")
  func damagedCounters() {
    let weights = Toy.arena(seed: 1)
    let adamW = AdamW(layout: Toy.layout)
    let lookahead = Lookahead(AdamW(layout: Toy.layout), weights: weights)
    let missing = OptimizerStateError(counter: "steps", value: nil)
    #expect(throws: missing) { try adamW.restore(counters: SGD(layout: Toy.layout).counters) }
    #expect(missing.description.contains("'steps' is missing"))
    #expect(throws: OptimizerStateError(counter: "steps", value: -1)) { try adamW.restore(counters: ["steps": -1]) }
    #expect(throws: OptimizerStateError(counter: "missed_steps.a", value: 4)) {
      try adamW.restore(counters: ["steps": 3, "missed_steps.a": 4])
    }
    #expect(throws: OptimizerStateError(counter: "steps_since_pull_back", value: nil)) {
      try lookahead.restore(counters: adamW.counters)
    }
  }
}
