import Collectives
import Lockstep
import TestSupport
import Testing

/// The state after a step is a function of the recipe alone.
@Suite struct SameBitsTests {
  private static let steps = 6

  /// What a run came to: all of its state, the averages that rank 0 keeps, and the ledger, as hashes.
  private struct Bits: Sendable, Equatable, CustomStringConvertible {
    var state: UInt64
    var averages: [UInt64]
    var ledger = ""

    init(_ trainer: Trainer) {
      state = trainer.stateHash.all
      averages = trainer.parts.averages.filter { !$0.isOnEveryRank }.compactMap { $0.averages?.weights }
        .map { WeightHash.hash($0) }
    }

    var description: String {
      "state \(String(state, radix: 16)), averages \(averages.map { String($0, radix: 16) }), ledger \(ledger.prefix(16))"
    }
  }

  /// How a combination of techniques is run.
  private struct Setting: Sendable {
    var combination = Combination.most[0]
    var precision = Precision.fp32
    var reduction = Recipe.Reduction.ordered
    var weights: [Int]?
  }

  /// Ends a rank at the end of a step, as if it had been killed.
  private final class Killer: Observer {
    struct Killed: Error {}

    let step: Int

    init(at step: Int) { self.step = step }

    func observe(_ event: TrainingEvent) throws {
      if case .step(let report) = event, report.step == step { throw Killed() }
    }
  }

  /// Runs the pieces of a schedule one after the other, each by ranks that know nothing but the folder.
  private func bits(_ schedule: ResumeSchedule, _ setting: Setting = Setting()) throws -> Bits {
    try withTemporaryFolder { folder in
      var last: Bits?
      for piece in schedule.pieces {
        last = try Ranks.run(piece.ranks) { try Self.rank($0, of: piece, setting, folder) }[0]
      }
      var bits = try #require(last)
      bits.ledger = try sha256(ofFile: folder + "/ledger.jsonl")
      return bits
    }
  }

  private func bits(ranks: Int, _ setting: Setting = Setting()) throws -> Bits {
    try bits(ResumeSchedule(pieces: [.init(ranks: ranks)]), setting)
  }

  private static func rank(
    _ group: any Group, of piece: ResumeSchedule.Piece, _ setting: Setting, _ folder: String
  ) throws -> Bits? {
    var settings = TrainingSettings(seed: 3, totalSteps: steps)
    settings.precision = setting.precision
    settings.compareReplicasEvery = 3
    let trainer = Trainer(
      parts: try setting.combination.parts(microbatch: 1), settings: settings,
      replicas: Replicas(group, reduction: setting.reduction, weights: setting.weights))
    let cut = piece.cut?.rank == group.rank ? piece.cut : nil
    let killer = cut.flatMap { $0.manner == .kill ? Killer(at: $0.step) : nil }
    let run = try TrainingRun(
      trainer, in: folder, reduction: setting.reduction, checkpointEvery: 2, observers: killer.map { [$0] } ?? [],
      isLedgerKept: group.rank == 0
    ) { cut?.manner == .stop && trainer.step == cut?.step }
    do {
      _ = try run.run(resume: .auto)
      return Bits(trainer)
    } catch TrainingError.stopped where piece.cut?.manner == .stop {
      return nil
    } catch is Killer.Killed {
      group.fail("killed by the test")
      return nil
    } catch is GroupError where piece.cut?.manner == .kill {
      return nil
    }
  }

  @Test(
    "every compatible technique at once: 1, 2, 3, 4 and 8 ranks, and 1, then 4, then 2 of them, give one hash",
    arguments: Combination.most, [Precision.fp32, .bf16])
  func everyTechnique(_ combination: Combination, precision: Precision) throws {
    let setting = Setting(combination: combination, precision: precision)
    let alone = try bits(ranks: 1, setting)
    for ranks in [2, 3, 4, 8] { #expect(try bits(ranks: ranks, setting) == alone, "\(ranks) ranks") }
    let resumed = ResumeSchedule(pieces: [
      .init(ranks: 1, cut: .init(step: 1, rank: 0, manner: .stop)),
      .init(ranks: 4, cut: .init(step: 3, rank: 2, manner: .stop)), .init(ranks: 2),
    ])
    #expect(try bits(resumed, setting) == alone)
  }

  @Test("20 random schedules of kills, stops and numbers of ranks give one hash")
  func randomSchedules() throws {
    let alone = try bits(ranks: 1)
    let schedules = (0..<20).map {
      ResumeSchedule.random(seed: 2021, index: $0, steps: Self.steps, cuts: 3, ranks: [1, 2, 3, 4, 8])
    }
    #expect(Set(schedules.map(\.description)).count > 15)
    for schedule in schedules { #expect(try bits(schedule) == alone, "\(schedule)") }
  }

  @Test(
    "ranks of unequal weight hold unequal shares, and give the bits of one", arguments: [[1, 3], [2, 1, 1], [0, 1]])
  func unequalShares(weights: [Int]) throws {
    var setting = Setting()
    let alone = try bits(ranks: 1, setting)
    setting.weights = weights
    #expect(try bits(ranks: weights.count, setting) == alone)
  }

  @Test("the ring gives the bits of one process at two ranks, and at three and four its own, each time")
  func ring() throws {
    let ring = Setting(reduction: .ring)
    let alone = try bits(ranks: 1)
    #expect(try bits(ranks: 2, ring) == alone)
    for ranks in [3, 4] {
      let first = try bits(ranks: ranks, ring)
      #expect(first != alone)
      #expect(try bits(ranks: ranks, ring) == first)
    }
  }
}
