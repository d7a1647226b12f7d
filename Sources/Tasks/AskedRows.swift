import Data
import Scores
import Support

/// The answers to the questions of rows, and where they stand in their contexts.
struct AskedRows {
  /// The place of the first answer of each row; nil where it has none.
  let places: [Range<Int>?]
  /// What the user should know of them.
  let notes: [String]
  /// Whether most answers have Chinese characters.
  let areChinese: Bool

  /// - Throws: an error that names file and line, and the question's id.
  init(_ cells: TargetCells) throws {
    guard let words = cells.words, cells.columns.count == 1 else {
      throw cells.error(
        cells.words == nil ? "has no contexts" : "has \(cells.columns.count) label columns",
        remedy: "name the key of the answers in \(cells.setting)")
    }
    var (places, moved, chinese): ([Range<Int>?], Int, Int) = ([], 0, 0)
    for row in 0..<cells.rowCount {
      let context = Array(words[row].text.unicodeScalars)
      let found = try Self.answers(row, cells).map { answer in
        let found = try Self.place(answer, in: context, row, cells)
        if found.isMoved { moved += 1 }
        return found.place
      }
      places.append(found.first)
      if let first = found.first, context[first].contains(where: AnswerComparison.isChinese) { chinese += 1 }
    }
    self.places = places
    areChinese = 2 * chinese > places.count { $0 != nil }
    notes =
      moved > 0
      ? ["\(moved) answers stand one or two characters before their answer_start, and are taken from there"] : []
  }

  var unanswerable: Int { places.count { $0 == nil } }

  // MARK: Answers

  struct Answer {
    let text: String
    /// Nil where the file does not say it.
    let start: Int?
  }

  /// The texts of the answers in a cell; none where it does not hold answers.
  static func texts(_ cell: String) -> [String] { (answers(cell) ?? []).map(\.text) }

  private static func answers(_ row: Int, _ cells: TargetCells) throws -> [Answer] {
    guard let answers = answers(cells.first(row)) else {
      throw error(
        row, cells, "has answers that are not texts with their places",
        "write [{\"text\":, \"answer_start\":}], or {\"text\": […], \"answer_start\": […]}")
    }
    return answers
  }

  /// `[{"text":, "answer_start":}]` as SQuAD, `{"text": […], "answer_start": […]}` as datasets of Hugging Face, or texts alone; nil
  /// where it is something else. Empty texts are no answers.
  private static func answers(_ cell: String) -> [Answer]? {
    guard let json = try? JSONParser.parse(Array(cell.utf8)) else { return nil }
    var answers: [Answer?] = []
    switch json {
    case .array(let elements):
      answers = elements.map { element in
        if let text = element.string { return Answer(text: text, start: nil) }
        guard let text = element["text"]?.string else { return nil }
        return Answer(text: text, start: element["answer_start"].map { $0.integer ?? -1 })
      }
    case .object:
      guard let texts = json["text"]?.elements, let starts = json["answer_start"]?.elements,
        texts.count == starts.count
      else { return nil }
      answers = zip(texts, starts).map { text, start in
        text.string.map { Answer(text: $0, start: start.integer ?? -1) }
      }
    default: return nil
    }
    let known = answers.compactMap(\.self)
    return known.count == answers.count ? known.filter { !$0.text.allSatisfy(\.isWhitespace) } : nil
  }

  // MARK: Places

  /// Some files count one or two characters too many, as the examples of transformers know.
  private static let shifts = [0, -1, -2]

  private static func place(
    _ answer: Answer, in context: [Unicode.Scalar], _ row: Int, _ cells: TargetCells
  ) throws -> (place: Range<Int>, isMoved: Bool) {
    let text = Array(answer.text.unicodeScalars)
    let name = answer.text.shortened.debugDescription
    let remedy = "correct answer_start, which counts characters from 0"
    guard let start = answer.start else {
      let found = context.indices.lazy.compactMap { match(text, in: context, at: $0) }.first
      guard let found else {
        throw error(row, cells, "has the answer \(name), which its context has not", "correct it")
      }
      return (found, false)
    }
    guard 0..<context.count ~= start else {
      throw error(row, cells, "has the answer \(name) at \(start) of a context of \(context.count) characters", remedy)
    }
    for shift in shifts {
      if let place = match(text, in: context, at: start + shift) { return (place, shift != 0) }
    }
    let there = String(String.UnicodeScalarView(context[start..<min(context.count, start + text.count)]))
    throw error(
      row, cells, "has the answer \(name) at \(start), where its context has \(there.shortened.debugDescription)",
      remedy)
  }

  /// Where a text stands from a place on, whatever white space either has where the other has none.
  private static func match(_ text: [Unicode.Scalar], in context: [Unicode.Scalar], at start: Int) -> Range<Int>? {
    guard context.indices.contains(start), !context[start].properties.isWhitespace else { return nil }
    var (place, index) = (start, 0)
    while index < text.count {
      if place < context.count, context[place] == text[index] {
        (place, index) = (place + 1, index + 1)
      } else if text[index].properties.isWhitespace {
        index += 1
      } else if place < context.count, context[place].properties.isWhitespace {
        place += 1
      } else {
        return nil
      }
    }
    while place > start, context[place - 1].properties.isWhitespace { place -= 1 }
    return place > start ? start..<place : nil
  }

  private static func error(_ row: Int, _ cells: TargetCells, _ problem: String, _ remedy: String) -> any Error {
    let name = cells.id(row).flatMap { $0.isEmpty ? nil : "question \($0.shortened.debugDescription) " } ?? ""
    return cells.error(row: row, name + problem, remedy: remedy)
  }

  // MARK: Targets

  /// What a token is of the answer: 1 its start, 2 its end, 3 both, else 0. A window that does not hold the whole answer has both
  /// at its first token.
  static func codes(_ place: Range<Int>?, in words: RowWords) -> [Float] {
    var codes = [Float](repeating: 0, count: words.places.count)
    for window in words.windows where !window.isEmpty {
      let span = place.flatMap { tokens(of: $0, in: window, words.places) } ?? window.lowerBound...window.lowerBound
      codes[span.lowerBound] += 1
      codes[span.upperBound] += 2
    }
    return codes
  }

  private static func tokens(
    of place: Range<Int>, in window: Range<Int>, _ places: [Range<Int>]
  ) -> ClosedRange<Int>? {
    guard let first = window.first(where: { !places[$0].isEmpty }),
      let last = window.last(where: { !places[$0].isEmpty }), places[first].lowerBound <= place.lowerBound,
      places[last].upperBound >= place.upperBound
    else { return nil }
    let start = (first...last).last { !places[$0].isEmpty && places[$0].lowerBound <= place.lowerBound } ?? first
    let end = (first...last).first { !places[$0].isEmpty && places[$0].upperBound >= place.upperBound } ?? last
    return start <= end ? start...end : nil
  }
}

extension String {
  /// The beginning of a text, for a message.
  fileprivate var shortened: String { count > 60 ? prefix(59) + "…" : self }
}
