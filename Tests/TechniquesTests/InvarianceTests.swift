import Recipes
import TestSupport
import Testing

/// What is computed does not depend on how many ranks there are, nor on how a batch is cut.
@Suite struct InvarianceTests {
  @Test("each technique gives the same run on any number of ranks", arguments: Combination.singles)
  func singles(_ combination: Combination) throws {
    try check(combination, reductions: [.ring, .ordered])
  }

  @Test("each pair of techniques gives the same run on any number of ranks", arguments: Combination.pairs)
  func pairs(_ combination: Combination) throws {
    try check(combination, reductions: [.ordered])
  }

  @Test("as many techniques as may be combined give the same run on any number of ranks", arguments: Combination.most)
  func most(_ combination: Combination) throws {
    try check(combination, reductions: [.ring, .ordered])
  }

  @Test(
    "an adversary of scope microbatch depends on how the batch is cut, and not on who holds the pieces",
    arguments: [
      ("fgm", "{scope: microbatch}"), ("pgd", "{scope: microbatch}"), ("freelb", "{scope: microbatch}"),
      ("awp", "{scope: microbatch, start_epoch: 0}"),
    ])
  func microbatchScope(key: String, text: String) throws {
    let combination = Combination(techniques: [.init(key, text)])
    let whole = try Outcome.run(ranks: 1, reduction: .ring) { try combination.parts(microbatch: 8) }
    let cut = try Outcome.run(ranks: 1, reduction: .ring) { try combination.parts(microbatch: 2) }
    #expect(cut.weightDifference(from: whole) > 1e-5)
    for ranks in [2, 4] {
      #expect(try Outcome.run(ranks: ranks, reduction: .ordered) { try combination.parts(microbatch: 2) } == cut)
    }
  }

  /// Compares W ranks × G microbatches of (1, 4), (2, 2) and (4, 1) with (1, 1).
  private func check(_ combination: Combination, reductions: [Recipe.Reduction]) throws {
    let whole = try Outcome.run(ranks: 1, reduction: .ring) { try combination.parts(microbatch: 8) }
    let cut = try Outcome.run(ranks: 1, reduction: .ring) { try combination.parts(microbatch: 2) }
    expectClose(cut, whole)
    for reduction in reductions {
      for ranks in [2, 4] {
        let spread = try Outcome.run(ranks: ranks, reduction: reduction) { try combination.parts(microbatch: 2) }
        if reduction == .ordered {
          #expect(spread == cut, "\(ranks) ranks give other bits")
        } else {
          expectClose(spread, whole)
        }
      }
    }
  }

  private func expectClose(_ outcome: Outcome, _ other: Outcome) {
    #expect(outcome.lossDifference(from: other) < 1e-6)
    #expect(outcome.weightDifference(from: other) < 1e-5)
  }
}
