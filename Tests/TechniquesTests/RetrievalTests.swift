import Lockstep
import Models
import Scores
import Tasks
import Tensors
import Testing

/// recall@K and mrr of texts that look for their own pairs among those of all validation rows.
@Suite struct RetrievalTests {
  private let task: Similarity

  init() throws { task = try Similarity(HeadDescription(outputs: 0, settings: ["loss": "infonce"])) }

  /// Vectors of length 1 but for rounding, of which some are equal.
  private func vectors(_ rows: Int, width: Int, seed: UInt64) -> [Double] {
    let stream = RandomStream(seed: seed, purpose: .initialization)
    return (0..<rows).flatMap { row in
      let own = (0..<width).map { column in
        Double(stream.integer(below: 2001, index: UInt64((row % 13) * width + column))) / 1000 - 1
      }
      let length = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return own.map { $0 / length }
    }
  }

  @Test("ranks of shares of the rows give the measures of the matrix of all cosines", arguments: [3, 8, 21])
  func naive(width: Int) throws {
    let rows = 17
    let (texts, pairs) = (vectors(rows, width: width, seed: 1), vectors(rows, width: width, seed: 2))
    func cosine(_ text: Int, _ pair: Int) -> Double {
      // Equal pairs have equal cosines, whatever the order of the sum; others differ by more than rounding.
      let sum = (0..<width).reduce(0.0) { $0 + texts[text * width + $1] * pairs[pair * width + $1] }
      return (sum * 1e12).rounded()
    }
    let matrix = ScoredRows(
      width: rows, outputs: (0..<rows).flatMap { text in (0..<rows).map { cosine(text, $0) } },
      targets: (0..<rows).map(Double.init))
    for borders in [[0, rows], [0, 5, 5, 12, rows]] {
      let ranks = zip(borders, borders.dropFirst()).flatMap { start, end in
        task.comparisons(Array(texts[start * width..<end * width]), from: start, with: pairs, of: rows)
      }
      let scored = ScoredRows(
        width: 2, outputs: ranks.flatMap { [0.5, $0] }, targets: [Double](repeating: .nan, count: rows))
      for name in ["mrr", "recall@1", "recall@3", "recall@17", "recall_at_2"] {
        let (own, wanted) = try (
          #require(task.measures.named(name)).value(scored), #require(RankMeasures.all.named(name)).value(matrix)
        )
        #expect(abs(own - wanted) < 1e-12, "\(name): \(own), not \(wanted)")
      }
      // Pairs of rows 13 apart are equal, and stand before the own one.
      #expect(ranks[0] >= 2 && ranks[0] == ranks[13])
    }
  }

  @Test(
    "are for infonce alone, and computed only where a recipe asks for them; cosines have their measures next to them")
  func measures() throws {
    let names = { (task: Similarity) in task.measures.names }
    #expect(names(task) == ["pearson", "spearman", "kendall", "mrr", "recall@K"])
    for loss in ["cosine", "cosent"] {
      let other = try Similarity(HeadDescription(outputs: 0, settings: ["loss": loss]))
      #expect(names(other) == ["pearson", "spearman", "kendall"])
    }
    let pearson = try #require(task.measures.named("pearson"))
    let recall = try #require(task.measures.named("recall@7"))
    #expect(!task.compares(for: [pearson]) && task.compares(for: [pearson, recall]))
    let rows = [0.1, 0.5, 0.2].map { [$0, 3] }
    let with = ScoredRows(width: 2, outputs: rows.flatMap { $0 }, targets: [1, 2, 3])
    let alone = ScoredRows(width: 1, outputs: rows.map { $0[0] }, targets: [1, 2, 3])
    #expect(pearson.value(with) == pearson.value(alone) && pearson.value(alone).isFinite)
    #expect(task.measures.named("mrr")?.value(with) == 1.0 / 3)
  }

  @Test("A vector that is not a number is found last")
  func notNumbers() {
    let ranks = task.comparisons([1, 0, .nan, 0], from: 0, with: [1, 0, 0, 1], of: 2)
    #expect(ranks == [1, 2])
  }
}
