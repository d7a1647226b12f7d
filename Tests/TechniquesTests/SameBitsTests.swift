import Collectives
import Lockstep
import TestSupport
import Testing

/// The state after a step is a function of the recipe alone.
@Suite struct SameBitsTests {
  @Test(
    "every compatible technique at once: 1, 2, 3, 4 and 8 ranks, and 1, then 4, then 2 of them, give one hash",
    arguments: Combination.most, [Precision.fp32, .bf16])
  func everyTechnique(_ combination: Combination, precision: Precision) throws {
    let setting = RunBits.Setting(combination: combination, precision: precision)
    let alone = try RunBits.of(ranks: 1, setting)
    for ranks in [2, 3, 4, 8] { #expect(try RunBits.of(ranks: ranks, setting) == alone, "\(ranks) ranks") }
    let resumed = ResumeSchedule(pieces: [
      .init(ranks: 1, cut: .init(step: 1, rank: 0, manner: .stop)),
      .init(ranks: 4, cut: .init(step: 3, rank: 2, manner: .stop)), .init(ranks: 2),
    ])
    #expect(try RunBits.of(resumed, setting) == alone)
  }

  @Test("20 random schedules of kills, stops and numbers of ranks give one hash, half of them with overlapped sums")
  func randomSchedules() throws {
    let alone = try RunBits.of(ranks: 1)
    let schedules = (0..<20).map {
      ResumeSchedule.random(seed: 2021, index: $0, steps: RunBits.steps, cuts: 3, ranks: [1, 2, 3, 4, 8])
    }
    #expect(Set(schedules.map(\.description)).count > 15)
    for (index, schedule) in schedules.enumerated() {
      let setting = index % 2 == 0 ? RunBits.Setting() : .overlapped
      #expect(try RunBits.of(schedule, setting) == alone, "\(schedule)")
    }
  }

  @Test(
    "ranks of unequal weight hold unequal shares, and give the bits of one", arguments: [[1, 3], [2, 1, 1], [0, 1]])
  func unequalShares(weights: [Int]) throws {
    var setting = RunBits.Setting()
    let alone = try RunBits.of(ranks: 1, setting)
    setting.weights = weights
    #expect(try RunBits.of(ranks: weights.count, setting) == alone)
  }

  @Test("the ring gives the bits of one process at two ranks, and at three and four its own, each time")
  func ring() throws {
    let ring = RunBits.Setting(reduction: .ring)
    let alone = try RunBits.of(ranks: 1)
    #expect(try RunBits.of(ranks: 2, ring) == alone)
    for ranks in [3, 4] {
      let first = try RunBits.of(ranks: ranks, ring)
      #expect(first != alone)
      #expect(try RunBits.of(ranks: ranks, ring) == first)
    }
  }
}
