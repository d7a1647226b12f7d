import Data

/// The best spans of a row's text, over all its windows, under scores of starts and ends.
package struct SpanSearch {
  package struct Span: Equatable {
    /// The tokens of the row that it begins and ends with.
    package let tokens: ClosedRange<Int>
    /// The Unicode scalars of the text.
    package let place: Range<Int>
    /// Of its start and its end together.
    package let score: Double
  }

  /// From the best on, each place once; none where no token is of the text.
  package private(set) var best: [Span] = []
  /// The score of no answer: the smallest that the first token of a window has.
  package let null: Double

  /// - Parameters:
  ///   - scores: two of each token.
  ///   - longest: tokens of a span at most.
  ///   - count: spans that are kept.
  package init(_ scores: ArraySlice<Double>, on words: RowWords, longest: Int, count: Int) {
    let (starts, ends) = (scores.startIndex, scores.startIndex + 1)
    null = words.windows.map { scores[starts + 2 * $0.lowerBound] + scores[ends + 2 * $0.lowerBound] }.min() ?? 0
    for window in words.windows {
      for start in window where !words.places[start].isEmpty {
        for end in start..<min(window.upperBound, start + longest) where !words.places[end].isEmpty {
          let score = scores[starts + 2 * start] + scores[ends + 2 * end]
          if best.count == count, let last = best.last, score <= last.score { continue }
          let place =
            words.places[start]
            .lowerBound..<max(
              words.places[start].upperBound, words.places[end].upperBound)
          keep(Span(tokens: start...end, place: place, score: score), count)
        }
      }
    }
  }

  /// Takes a span in, behind those of the same score.
  private mutating func keep(_ span: Span, _ count: Int) {
    if let same = best.firstIndex(where: { $0.place == span.place }) {
      guard span.score > best[same].score else { return }
      best.remove(at: same)
    }
    best.insert(span, at: best.firstIndex { $0.score < span.score } ?? best.endIndex)
    if best.count > count { best.removeLast() }
  }
}
