import Collectives
import DataParallel
import Runs
import Synchronization
import Tensors
import TestSupport
import Testing
import Training

/// Ranks whose state differs are found within the interval, and named.
@Suite struct ReplicaComparisonTests {
  /// Which bit flips where.
  struct Flip: Sendable, CustomTestStringConvertible {
    var kind: String
    var tensor: String
    var rank: Int
    var ranks: Int
    /// Committed steps before the flip.
    var after: Int

    var testDescription: String { "\(kind) of rank \(rank) of \(ranks) after step \(after)" }
  }

  private static let technique = Combination(techniques: [.init("self_distillation", "{decay: 0.9}")])

  private static func arena(_ kind: String, of trainer: Trainer) -> Arena? {
    switch kind {
    case "weights": trainer.state.weights
    case "teacher_weights": trainer.averages[0].averages?.weights
    default: trainer.parts.optimizer.state.first { $0.name == kind }?.arena
    }
  }

  /// Runs six steps, comparing after every second; what each rank ends with.
  private func outcomes(of flip: Flip, interval: Int) throws -> [GroupError?] {
    try withTemporaryFolder { folder in
      try Ranks.run(flip.ranks) { group in
        var settings = TrainingSettings(seed: 3, totalSteps: 6)
        settings.compareReplicasEvery = interval
        let trainer = Trainer(
          parts: try Self.technique.parts(microbatch: 2), settings: settings,
          replicas: DataParallelGroup(group, reduction: .ordered))
        let run = try TrainingRun(trainer, in: folder, reduction: .ordered) {
          if group.rank == flip.rank, trainer.step == flip.after,
            let weight = Self.arena(flip.kind, of: trainer)?[flip.tensor]
          {
            // The next update of an average may round a last bit away.
            let bit: UInt32 = flip.kind == "teacher_weights" ? 0x80 : 1
            weight[3] = Float(bitPattern: weight[3].bitPattern ^ bit)
          }
          return false
        }
        do {
          _ = try run.run(resume: .never)
          return nil
        } catch let error as GroupError {
          return error
        }
      }
    }
  }

  private static let query = "bert.encoder.layer.1.attention.self.query.weight"
  private static let flips = [
    Flip(kind: "weights", tensor: query, rank: 1, ranks: 3, after: 0),
    Flip(kind: "weights", tensor: query, rank: 0, ranks: 3, after: 3),
    Flip(kind: "weights", tensor: query, rank: 3, ranks: 4, after: 4),
    Flip(kind: "weights", tensor: query, rank: 1, ranks: 2, after: 1),
    Flip(kind: "second_moment", tensor: query, rank: 2, ranks: 3, after: 5),
    Flip(kind: "teacher_weights", tensor: "classifier.weight", rank: 1, ranks: 3, after: 3),
  ]

  @Test("a bit that flips in one rank is found at the next comparison, on every rank, with its name", arguments: flips)
  func flipped(_ flip: Flip) throws {
    for error in try outcomes(of: flip, interval: 2) {
      let error = try #require(error)
      let verdict = try #require(error.verdict)
      #expect(error.exitStatus == 76 && verdict.cause == .diverged)
      #expect(verdict.rank == flip.rank)
      #expect(verdict.step == flip.after / 2 * 2 + 1)
      #expect(verdict.operation == "comparison after step \(flip.after / 2 * 2 + 2)")
      if flip.kind == "weights" {
        #expect(verdict.detail.contains("weights (first in \(flip.tensor)) differ from"), "\(verdict)")
      }
      #expect(verdict.detail.contains("is unknown") == (flip.ranks == 2), "\(verdict)")
    }
  }

  @Test("ranks that begin with different weights are stopped before the first step")
  func differentStart() throws {
    let errors = try Ranks.run(2) { group in
      let trainer = Trainer(
        parts: try TinyBert.parts(microbatch: 2), settings: TrainingSettings(seed: 3, totalSteps: 6),
        replicas: DataParallelGroup(group, reduction: .ordered))
      if group.rank == 1 { trainer.state.weights["classifier.bias"]![0] += 1 }
      return try withTemporaryFolder { folder in
        let run = try TrainingRun(trainer, in: folder, reduction: .ordered)
        do {
          _ = try run.run(resume: .never)
          return GroupError?.none
        } catch let error as GroupError {
          return error
        }
      }
    }
    for error in errors {
      #expect(error?.verdict?.detail.contains("they began differently") == true)
      #expect(error?.verdict?.step == 0)
    }
  }

  @Test("without comparisons nobody notices")
  func off() throws {
    #expect(try outcomes(of: Self.flips[0], interval: 0).allSatisfy { $0 == nil })
  }

  @Test(
    "most ranks are right; where none are most, the first rank's side is the witness",
    arguments: [
      ([1, 1, 2], [2], 0, true), ([2, 1, 1], [0], 1, true), ([1, 2], [1], 0, false), ([1, 1, 2, 3], [2, 3], 0, false),
      ([3, 1, 1, 1, 2], [0, 4], 1, true), ([1, 2, 2, 1], [1, 2], 0, false),
    ] as [([UInt64], [Int], Int, Bool)])
  func votes(held: [UInt64], odd: [Int], witness: Int, isCertain: Bool) throws {
    let vote = try #require(ReplicaVote(held.map { [7, $0] }))
    #expect(vote.odd == odd && vote.witness == witness && vote.isCertain == isCertain)
    #expect(ReplicaVote(held.map { _ in [7] }) == nil)
  }
}
