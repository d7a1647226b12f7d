import Data
import Models
import Recipes
import Scores
import Support
import Training

/// How answers are looked for in the scores of a context's tokens, written and compared.
struct SpanForm {
  /// Tokens of an answer at most.
  var longest = 30
  /// Answers that are written.
  var count = 20
  var comparison = AnswerComparison.squad

  static let keys = [
    RecipeKey(
      "task.max_answer_length", .integer(atLeast: 1, atMost: 4096), or: "30",
      "tokens of an answer at most (span-answer)"),
    RecipeKey(
      "task.n_best", .integer(atLeast: 1, atMost: 100), or: "20",
      "the answers that lockstep predict writes, the best first (span-answer)"),
    RecipeKey(
      "task.normalization", .choice(of: AnswerComparison.self),
      or: .otherwise("cmrc where most answers are Chinese, else squad"),
      "whose official script compares answers (span-answer)"),
    RecipeKey(
      "task.null_threshold", .text, .number,
      or: .otherwise("tuned where some training rows have no answer, else there always is one"),
      "no answer is given where its score is larger than the best span's by more than this, or tuned (span-answer)",
      why: "tuned takes the one with the best f1 on the validation rows, whose own f1 is then optimistic"),
  ]

  init() {}

  /// What an exported model says.
  /// - Throws: `ModelError` that names the key.
  init(_ head: HeadDescription) throws {
    func wrong(_ key: String) -> ModelError {
      ModelError(
        file: head.source, problem: "lockstep_task.\(key) is not one of span-answer", remedy: "export the model again")
    }
    func number(_ key: String, _ usual: Int, _ range: ClosedRange<Int>) throws -> Int {
      guard let given = head.settings[key] else { return usual }
      guard let value = given as? Int, range ~= value else { throw wrong(key) }
      return value
    }
    longest = try number("max_answer_length", longest, 1...4096)
    count = try number("n_best", count, 1...100)
    guard let name = head.settings["normalization"] else { return }
    guard let comparison = (name as? String).flatMap(AnswerComparison.init) else { throw wrong("normalization") }
    self.comparison = comparison
  }

  static func threshold(_ head: HeadDescription) throws -> Double? {
    guard let given = head.settings["null_threshold"] else { return nil }
    guard let value = given as? Double ?? (given as? Int).map(Double.init), value.isFinite else {
      throw ModelError(
        file: head.source, problem: "lockstep_task.null_threshold is not a number", remedy: "export the model again")
    }
    return value
  }

  var settings: [String: Any] {
    ["max_answer_length": longest, "n_best": count, "normalization": comparison.rawValue]
  }

  var notes: [String] {
    comparison == .cmrc ? ["answers are compared as CMRC 2018's script does (task.normalization)"] : []
  }

  // MARK: Answers

  /// The numbers that measures read.
  func outputs(of scores: ArraySlice<Double>, on words: RowWords, _ right: [String]) -> [Double] {
    let search = SpanSearch(scores, on: words, longest: longest, count: 1)
    let none = comparison.scores(of: "", against: right)
    guard let best = search.best.first else { return [0, none.exact, none.f1, none.exact, none.f1] }
    let own = comparison.scores(of: words.text(words.trimmed(best.place)), against: right)
    return [search.null - best.score, own.exact, own.f1, none.exact, none.f1]
  }

  /// The best answers with their places in the context, in Unicode scalars.
  func answer(_ scores: ArraySlice<Double>, on words: RowWords, threshold: Double?) -> Answer {
    let search = SpanSearch(scores, on: words, longest: longest, count: count)
    let weights = Softmax(search.best.map(\.score) + (threshold == nil ? [] : [search.null])).probabilities
    let found = zip(search.best, weights).map { span, probability in
      let place = words.trimmed(span.place)
      return Found(text: words.text(place), place: place, score: span.score, probability: probability)
    }
    let isNone = threshold.map { found.isEmpty || search.null - found[0].score > $0 } ?? found.isEmpty
    let first = isNone ? nil : found[0]
    let probability = first?.probability ?? (threshold == nil ? 0 : weights[weights.count - 1])
    var fields: [(name: String, value: JSONLine)] = [
      ("answer", .string(first?.text ?? "")), ("start", .place(first?.place.lowerBound)),
      ("end", .place(first?.place.upperBound)), ("probability", .number(probability)),
    ]
    if threshold != nil { fields.append(("null_score", .number(search.null))) }
    fields.append(("n_best", .array(found.map(\.json))))
    let places = [first?.place.lowerBound, first?.place.upperBound].map { $0.map(String.init) ?? "" }
    return Answer(fields: fields, cells: [first?.text ?? ""] + places + ["\(probability)"])
  }

  private struct Found {
    let text: String
    let place: Range<Int>
    let score: Double
    let probability: Double

    var json: JSONLine {
      .object([
        ("text", .string(text)), ("start", .integer(place.lowerBound)), ("end", .integer(place.upperBound)),
        ("score", .number(score)), ("probability", .number(probability)),
      ])
    }
  }
}

/// The keys of section `task`, before a row is seen.
struct SpanKeys {
  var form = SpanForm()
  let comparison: AnswerComparison?
  let threshold: Double?
  let isTuned: Bool

  init(_ section: Section) throws {
    form.longest = try section.integer("max_answer_length", default: form.longest, atLeast: 1, atMost: 4096)
    form.count = try section.integer("n_best", default: form.count, atLeast: 1, atMost: 100)
    comparison = try section.choice("normalization")
    isTuned = (try? section.string("null_threshold")) == "tuned"
    threshold = isTuned ? nil : try section.number("null_threshold")
    try section.finish()
  }
}

extension JSONLine {
  fileprivate static func place(_ place: Int?) -> JSONLine { place.map(JSONLine.integer) ?? .null }
}

extension RowWords {
  /// A place without white space at its ends, which tokens may have.
  fileprivate func trimmed(_ place: Range<Int>) -> Range<Int> {
    let scalars = Array(text(place).unicodeScalars)
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return place.lowerBound..<place.lowerBound }
    return place.lowerBound + first..<place.lowerBound + last + 1
  }
}
