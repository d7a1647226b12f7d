import Collectives
import Foundation
import Lockstep
import TestSupport
import Testing

/// What a run came to: all of its state, the averages that rank 0 keeps, and the ledger, as hashes.
struct RunBits: Sendable, Equatable, CustomStringConvertible {
  static let steps = 6

  var state: UInt64
  var averages: [UInt64]
  var ledger = ""

  private init(_ trainer: Trainer) throws {
    state = try trainer.stateHash.all
    averages = trainer.averages.filter { !$0.isOnEveryRank }.compactMap { $0.averages?.weights }
      .map { WeightHash.hash($0) }
  }

  var description: String {
    "state \(String(state, radix: 16)), averages \(averages.map { String($0, radix: 16) }), ledger \(ledger.prefix(16))"
  }

  /// How a combination of techniques is run.
  struct Setting: Sendable {
    var combination = Combination.most[0]
    var rule = Combination.Rule.adamW
    var precision = Precision.fp32
    var reduction = Recipe.Reduction.ordered
    var weights: [Int]?
    /// In which pieces of the schedule each rank updates its own part of the weights.
    var isSharded: @Sendable (_ piece: Int) -> Bool = { _ in false }
    var longestBucket: Int?

    /// Sums of few elements, beside the backward pass.
    static let overlapped = Setting(reduction: Recipe.Reduction(.ordered, overlap: true), longestBucket: 512)
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
  static func of(_ schedule: ResumeSchedule, _ setting: Setting = Setting()) throws -> RunBits {
    try withTemporaryFolder { folder in
      var last: RunBits?
      for (index, piece) in schedule.pieces.enumerated() {
        let isSharded = setting.isSharded(index)
        last = try Ranks.run(piece.ranks) { try rank($0, of: piece, setting, isSharded: isSharded, folder) }[0]
      }
      var bits = try #require(last)
      bits.ledger = try sha256(ofFile: folder + "/ledger.jsonl")
      return bits
    }
  }

  static func of(ranks: Int, _ setting: Setting = Setting()) throws -> RunBits {
    try of(ResumeSchedule(pieces: [.init(ranks: ranks)]), setting)
  }

  /// All files of the newest checkpoint of a run, as hashes by name.
  /// - Parameter areApart: whether each rank has a folder of its own, so that rank 0 alone keeps checkpoints.
  static func checkpoint(ranks: Int, _ setting: Setting, areApart: Bool = false) throws -> [String: String] {
    try withTemporaryFolder { folder in
      let everyone = try Ranks.run(ranks) { group in
        let own = areApart ? "\(folder)/\(group.rank)" : folder
        _ = try rank(group, of: .init(ranks: ranks), setting, isSharded: setting.isSharded(0), own, areApart: areApart)
        return own
      }
      let path = "\(everyone[0])/checkpoints/step-0000000\(steps)"
      let names = try FileManager.default.contentsOfDirectory(atPath: path)
      return Dictionary(uniqueKeysWithValues: try names.map { ($0, try sha256(ofFile: "\(path)/\($0)")) })
    }
  }

  private static func rank(
    _ group: any Group, of piece: ResumeSchedule.Piece, _ setting: Setting, isSharded: Bool, _ folder: String,
    areApart: Bool = false
  ) throws -> RunBits? {
    var settings = TrainingSettings(seed: 3, totalSteps: steps)
    settings.precision = setting.precision
    settings.compareReplicasEvery = 3
    var parts = try setting.combination.parts(
      microbatch: 1, rule: setting.rule, place: isSharded ? (group.rank, group.size) : nil)
    // So large that the first steps overflow.
    if setting.precision == .fp16 { parts.scaler = GradientScaler(initialScale: 0x1p30) }
    let trainer = Trainer(
      parts: parts, settings: settings,
      replicas: DataParallelGroup(
        group, reduction: setting.reduction, weights: setting.weights, longestBucket: setting.longestBucket))
    let cut = piece.cut?.rank == group.rank ? piece.cut : nil
    let killer = cut.flatMap { $0.manner == .kill ? Killer(at: $0.step) : nil }
    let run = try TrainingRun(
      trainer, in: folder, reduction: setting.reduction, checkpointEvery: 2, observers: killer.map { [$0] } ?? [],
      isLedgerKept: group.rank == 0,
      sharing: areApart ? OutputSharing(of: RunDirectory(path: folder), over: group) : nil
    ) { cut?.manner == .stop && trainer.step == cut?.step }
    do {
      _ = try run.run(resume: .auto)
      return try RunBits(trainer)
    } catch TrainingError.stopped where piece.cut?.manner == .stop {
      return nil
    } catch is Killer.Killed {
      group.fail("killed by the test")
      return nil
    } catch is GroupError where piece.cut?.manner == .kill {
      return nil
    }
  }
}
