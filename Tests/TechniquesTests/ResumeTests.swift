import Collectives
import Foundation
import Models
import Tensors
import TestSupport
import Testing
import Training

/// A run that was stopped, saved and resumed is the run that was never stopped.
@Suite struct ResumeTests {
  @Test("k and k steps with a resume on other ranks equal 2k steps, bit for bit", arguments: Combination.singles)
  func otherRanks(_ combination: Combination) throws {
    let whole = try interrupted(combination, stopAfter: nil, ranks: [2], reduction: .ordered)
    let cut = try interrupted(combination, stopAfter: 3, ranks: [2, 1], reduction: .ordered)
    #expect(cut == whole)
    #expect(try interrupted(combination, stopAfter: 2, ranks: [1, 4], reduction: .ordered) == whole)
  }

  @Test("the same with as many techniques as may be combined", arguments: Combination.most)
  func most(_ combination: Combination) throws {
    let whole = try interrupted(combination, stopAfter: nil, ranks: [1], reduction: .ordered)
    for stop in 1...5 {
      #expect(
        try interrupted(combination, stopAfter: stop, ranks: [4, 2], reduction: .ordered) == whole, "after \(stop)")
    }
  }

  @Test("with reduction ring the bits are those of as many ranks", arguments: Combination.most)
  func ring(_ combination: Combination) throws {
    let whole = try interrupted(combination, stopAfter: nil, ranks: [2], reduction: .ring)
    #expect(try interrupted(combination, stopAfter: 3, ranks: [2, 2], reduction: .ring) == whole)
  }

  /// What a run of six steps came to that was stopped after some of them and resumed from its checkpoint by new trainers.
  private func interrupted(
    _ combination: Combination, stopAfter: Int?, ranks: [Int], reduction: Recipe.Reduction
  ) throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.appending(path: "techniques-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var outcome: Outcome?
    for (turn, count) in ranks.enumerated() {
      let isLast = turn == ranks.count - 1
      let everyone = try Ranks.run(count) { group in
        let trainer = Trainer(
          parts: try combination.parts(microbatch: 2), settings: TrainingSettings(seed: 3, totalSteps: 6),
          replicas: Replicas(group, reduction: reduction))
        let run = TrainingRun(
          trainer: trainer, directory: RunDirectory(path: folder), exporter: NoExporter(),
          keeper: try CheckpointKeeper(directory: RunDirectory(path: folder), recipe: Self.recipe(reduction)),
          observers: [],
          isStopRequested: { !isLast && trainer.step + 1 == stopAfter })
        do {
          _ = try run.run(resume: .auto)
        } catch TrainingError.stopped where !isLast {}
        return Outcome(trainer, losses: [])
      }
      outcome = everyone[0]
    }
    return try #require(outcome)
  }

  private static func recipe(_ reduction: Recipe.Reduction) throws -> Recipe {
    let text = """
      model: {configuration: {}}
      data: {train: rows.tsv}
      steps: 6
      checkpoint: {keep: 2}
      reduction: \(reduction.rawValue)
      """
    return try Recipe(RecipeDocument(yaml: text, source: "test"))
  }
}

/// Models are not what these tests look at.
private struct NoExporter: ModelExporter {
  func write(weights: Arena, buffers: Arena, to path: String) throws {}
}
