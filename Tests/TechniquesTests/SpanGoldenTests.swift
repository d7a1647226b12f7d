import Data
import Foundation
import Models
import Tasks
import TestSupport
import Testing

/// Answers in windows of a text as transformers and PyTorch compute them in Float64.
@Suite struct SpanGoldenTests {
  private static let scenario = "tasks/span"

  private var task: SpanAnswer {
    get throws { try SpanAnswer(HeadDescription(outputs: 2, architecture: "BertForQuestionAnswering")) }
  }

  @Test("Scores of every token are those of transformers")
  func forward() throws {
    let (model, _, batch) = try GoldenFamily.classifier(Self.scenario, task: task)
    #expect(try GoldenFamily.scoreError(model, batch, Self.scenario) < 1e-5)
  }

  @Test("The loss of the first batch and its gradients are PyTorch's")
  func backward() throws {
    let batch = try GoldenBatch(Self.scenario, task: task)
    #expect(abs(batch.mean - batch.wanted) < 1e-5 * batch.wanted, "\(batch.mean), not \(batch.wanted)")
    #expect(batch.wrong.isEmpty, "\(batch.wrong)")
  }

  @Test("Five steps of AdamW give PyTorch's losses and weights, however a batch is cut", arguments: [1, 2, 3])
  func steps(microbatch: Int) throws {
    let run = try GoldenFamily(
      Self.scenario, task: task, microbatch: { rows in rows % microbatch == 0 ? microbatch : rows },
      configure: { _ in })
    let deviations = try run.deviations()
    #expect(deviations.isEmpty, "\(deviations)")
  }

  @Test("The best span of all windows, and the score of no answer, are the rule's")
  func bestSpans() throws {
    let folder = "families/" + Self.scenario
    let facts = try Golden.facts(folder)
    let best = try #require((facts["best_spans_of_batch_0"] as? [String: Any])?["examples"] as? [String: [String: Any]])
    let scores = try Golden.tensors(folder, "outputs").floats("logits").map(Double.init)
    let starts = try Golden.tensors(folder, "inputs").integers("0.row_starts").map { Int($0) }
    let windows = try GoldenFamily.windows(folder, 0)
    #expect(best.count == 3)
    for (name, wanted) in best {
      let own = windows.indices.filter { windows[$0].question == Int(name) }
      let first = try #require(own.first)
      var (places, borders): ([Range<Int>], [Range<Int>]) = ([], [])
      for window in own {
        borders.append(starts[window] - starts[first]..<starts[window + 1] - starts[first])
        let facts = windows[window]
        places += (0..<borders[borders.count - 1].count).map { token in
          let place = token - facts.first + facts.context.lowerBound
          return facts.context.contains(place) && token >= facts.first ? place..<place + 1 : 0..<0
        }
      }
      let words = RowWords(text: "", places: places, areRead: places.map { _ in true }, windows: borders)
      let range = 2 * starts[first]..<2 * (starts[first] + places.count)
      let search = SpanSearch(scores[range], on: words, longest: 6, count: 20)
      let span = try #require(search.best.first)
      #expect(abs(span.score - (wanted["score"] as? Double ?? .nan)) < 1e-5, "\(name)")
      #expect(abs(search.null - (wanted["null"] as? Double ?? .nan)) < 1e-5, "\(name)")
      let window = try #require(borders.firstIndex { $0.contains(span.tokens.lowerBound) })
      #expect(own[window] == wanted["window"] as? Int)
      #expect(span.tokens.lowerBound - borders[window].lowerBound == wanted["start"] as? Int)
      #expect(span.tokens.upperBound - borders[window].lowerBound == wanted["end"] as? Int)
      #expect(search.best.count == 20 && zip(search.best, search.best.dropFirst()).allSatisfy { $0.score >= $1.score })
      #expect(Set(search.best.map(\.place)).count == 20)
    }
  }
}
