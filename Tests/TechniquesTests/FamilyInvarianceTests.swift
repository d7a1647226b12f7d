import TestSupport
import Testing

/// What is computed with other encoders than BERT does not depend on how many ranks there are, nor on how a batch is cut.
@Suite struct FamilyInvarianceTests {
  static let families = ["deberta-v2", "modernbert"]

  @Test(
    "each technique and each pair gives the same run on 1, 2, 3 and 4 ranks", arguments: families,
    Combination.singles + Combination.pairs + Combination.most)
  func techniques(family: String, _ combination: Combination) throws {
    let combination = combination.training(family)
    let whole = try Outcome.run(ranks: 1, reduction: .ring) { try combination.parts(microbatch: 8) }
    let cut = try Outcome.run(ranks: 1, reduction: .ring) { try combination.parts(microbatch: 2) }
    #expect(cut.lossDifference(from: whole) < 1e-6)
    #expect(cut.weightDifference(from: whole) < 1e-5)
    for ranks in 2...4 {
      let spread = try Outcome.run(ranks: ranks, reduction: .ordered) { try combination.parts(microbatch: 2) }
      #expect(spread == cut, "\(ranks) ranks give other bits")
    }
  }
}
