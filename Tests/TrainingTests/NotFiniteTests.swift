import Collectives
import DataParallel
import Recipes
import TestSupport
import Testing
import Training

/// A gradient that is not finite.
@Suite struct NotFiniteTests {
  /// Trains the small model until it throws; `harm` changes its parts before.
  private static func failure(
    on ranks: Int, microbatch: Int = 4, harm: @escaping @Sendable (TrainingParts) -> Void
  ) throws -> [NotFiniteOrigin?] {
    try Ranks.run(ranks) { group in
      let parts = try TinyBert.parts(microbatch: microbatch)
      harm(parts)
      let trainer = Trainer(
        parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 3),
        replicas: DataParallelGroup(group, reduction: .ordered)
      )
      do {
        for _ in 0..<3 { _ = try trainer.advance() }
      } catch TrainingError.notFinite(_, _, let origin) {
        return origin
      }
      return nil
    }
  }

  @Test("is traced to the microbatch, its rows and its rank, on every rank", arguments: [1, 2])
  func rows(ranks: Int) throws {
    // The word of one row of the second microbatch, and of no other row of the first batch.
    let parts = try TinyBert.parts(microbatch: 4)
    let batch = parts.plan.step(0)
    let (first, second) = (batch.rows[batch.microbatches[0]], batch.rows[batch.microbatches[1]])
    let words = { (row: Int) in Set(TokenRows(random: 22, vocabulary: 40, labels: 3, seed: 6).rows[row].ids) }
    let known = first.reduce(into: Set<Int32>()) { $0.formUnion(words($1)) }
    let word = try #require(second.flatMap(words).first { !known.contains($0) })
    let origins = try Self.failure(on: ranks) { parts in
      parts.state.weights["bert.embeddings.word_embeddings.weight"]![Int(word) * 16] = .nan
    }
    let expected = NotFiniteOrigin.microbatch(
      rank: ranks - 1, host: SoloGroup().hosts[0], rows: second.map { $0 })
    for origin in origins {
      guard case .microbatch(let rank, _, let rows) = origin else {
        Issue.record("\(String(describing: origin)) instead of \(expected)")
        continue
      }
      #expect(rank == ranks - 1 && rows == Array(second))
    }
  }

  @Test("of every microbatch is the weights' fault", arguments: [1, 2])
  func everywhere(ranks: Int) throws {
    let origins = try Self.failure(on: ranks) { $0.state.weights["classifier.bias"]![0] = .infinity }
    #expect(origins.allSatisfy { $0 == .everywhere }, "\(origins)")
  }

  @Test("of ranks that take steps of their own is traced by the one that has it, and the others end with its words")
  func ownSteps() throws {
    let parts = try TinyBert.parts(microbatch: 4)
    let batch = parts.plan.step(0)
    let second = batch.rows[batch.microbatches[1]]
    let error = #expect(throws: (any Error).self) {
      _ = try Ranks.run(2) { group in
        let parts = try TinyBert.parts(microbatch: 4)
        if group.rank == 1 { parts.state.weights["classifier.bias"]![0] = .infinity }
        let trainer = Trainer(
          parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 4),
          replicas: DataParallelGroup(group, reduction: Recipe.Reduction(.ring, every: 4)))
        for _ in 0..<4 { _ = try trainer.advance() }
      }
    }
    let words = String(describing: try #require(error))
    #expect(words.contains("rank 1"), "\(words)")
    #expect(words.contains(second.prefix(4).map(String.init).joined(separator: ", ")), "\(words)")
  }

  @Test("names at most eight rows")
  func description() {
    let origin = NotFiniteOrigin.microbatch(rank: 1, host: "node1", rows: Array(0..<20))
    #expect("\(origin)".contains("rank 1 on node1, rows 0, 1, 2, 3, 4, 5, 6, 7 and 12 more;"))
  }
}
