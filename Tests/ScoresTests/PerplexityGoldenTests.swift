import Foundation
import Scores
import Testing

/// Perplexity as PyTorch computes it.
@Suite("Golden values of perplexity")
struct PerplexityGoldenTests {
  @Test("Perplexity is exp of the mean cross entropy of all tokens that have a target")
  func perplexity() throws {
    let cases = try #require(Golden.facts("families/metrics/perplexity")["cases"] as? [[String: Any]])
    #expect(!cases.isEmpty)
    for given in cases {
      let logits = try #require(given["logits"] as? [[Double]])
      let labels = try #require(given["labels"] as? [Int])
      let outputs = zip(logits, labels).flatMap { row, label -> [Double] in
        let largest = row.max() ?? 0
        let sum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
        return [label < 0 ? 0 : row[label] - sum, Double(row.firstIndex(of: largest) ?? 0)]
      }
      let rows = ScoredRows(width: 2, outputs: outputs, targets: labels.map { $0 < 0 ? .nan : Double($0) })
      #expect(agree(TokenMeasures.all.named("perplexity")?.value(rows), given["perplexity"] as? Double))
      let scored = labels.indices.filter { labels[$0] >= 0 }
      let right = scored.count { outputs[2 * $0 + 1] == Double(labels[$0]) }
      #expect(
        TokenMeasures.all.named("token_accuracy")?.value(rows) == Double(right) / Double(scored.count))
    }
  }
}
