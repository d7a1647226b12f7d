import Data
import Scores
import Support

/// The tags of the words of rows, from lists of tags or from spans.
struct TaggedRows {
  /// A tag a word, of each row.
  let tags: [[String]]
  /// Whether some row has spans.
  let haveSpans: Bool
  /// What the user should know of them.
  let notes: [String]

  /// - Parameter haveEnds: whether the tags of spans mark ends and single words.
  /// - Throws: an error that names file and line.
  init(_ cells: TargetCells, haveEnds: Bool) throws {
    guard let words = cells.words, cells.columns.count == 1 else {
      throw cells.error(
        cells.words == nil ? "has no words" : "has \(cells.columns.count) label columns",
        remedy: "name one column of tags or spans in \(cells.setting)")
    }
    var (tags, haveSpans, overlaps): ([[String]], Bool, Int) = ([], false, 0)
    for row in 0..<cells.rowCount {
      let words = words[row]
      if let list = cells.list(row) {
        guard list.count == words.places.count else {
          throw cells.error(
            row: row,
            "has \(list.count == 1 ? "1 tag" : "\(list.count) tags") for \(words.places.count) words",
            remedy: "write one for each word")
        }
        tags.append(
          try list.map { tag in
            guard !tag.isEmpty else { throw cells.error(row: row, "has an empty tag", remedy: "write O for no entity") }
            return tag
          })
        continue
      }
      haveSpans = true
      let spans = try Spans(cells, row, in: words)
      if spans.overlap { overlaps += 1 }
      tags.append(EntityTags.tags(spans.entities, count: words.places.count, haveEnds: haveEnds))
    }
    (self.tags, self.haveSpans) = (tags, haveSpans)
    notes =
      overlaps > 0
      ? ["\(overlaps) of \(cells.rowCount) rows have spans that overlap; a word keeps the one that begins first"] : []
  }

  /// `O` and then the others by their types, the marks of each in the order of an entity.
  var names: [String] {
    let found = Set(tags.joined())
    func key(_ tag: String) -> (type: String, mark: Int) {
      let parts = tag.split(separator: "-", maxSplits: 1).map(String.init)
      return parts.count == 2 ? (parts[1], ["B", "I", "E", "S"].firstIndex(of: parts[0]) ?? 4) : (tag, 0)
    }
    let others = found.subtracting(["O"]).sorted { first, second in
      let (one, other) = (key(first), key(second))
      return (one.type, one.mark, first) < (other.type, other.mark, second)
    }
    return (found.contains("O") ? ["O"] : []) + others
  }
}

/// The spans of a row: `{type: {text: [[first, last]]}}` as CLUENER has them, `[[start, end, type]]` as doccano, or
/// `[{"start":, "end":, "label":}]` as Prodigy and spaCy; places are Unicode scalars of the text.
private struct Spans {
  /// They do not overlap.
  let entities: [EntitySpan]
  /// Whether some were left out because others cover their words.
  let overlap: Bool

  init(_ cells: TargetCells, _ row: Int, in words: RowWords) throws {
    func wrong(_ problem: String, _ remedy: String) -> any Error { cells.error(row: row, problem, remedy: remedy) }
    let text = cells.first(row)
    guard let json = try? JSONParser.parse(Array(text.utf8)) else {
      throw wrong("has a label that is neither a list of tags nor spans", "write a tag a word, or spans")
    }
    let length = words.text.unicodeScalars.count
    var found: [(place: Range<Int>, type: String)] = []
    for span in try Self.spans(json, wrong) {
      guard span.start >= 0, span.start < span.end, span.end <= length else {
        throw wrong(
          "has a span from \(span.start) to \(span.end) in a text of \(length) characters",
          "correct its places, which count from 0")
      }
      if let expected = span.text, words.text(span.start..<span.end) != expected {
        throw wrong(
          "has \(expected.debugDescription) at \(span.start), where its text has"
            + " \(words.text(span.start..<span.end).debugDescription)", "correct its places, which count from 0")
      }
      found.append((span.start..<span.end, span.type))
    }
    found.sort { ($0.place.lowerBound, -$0.place.upperBound) < ($1.place.lowerBound, -$1.place.upperBound) }
    var (entities, end, overlap): ([EntitySpan], Int, Bool) = ([], 0, false)
    var first = 0
    for span in found {
      while first < words.places.count, words.places[first].upperBound <= span.place.lowerBound { first += 1 }
      var last = first
      while last < words.places.count, words.places[last].lowerBound < span.place.upperBound { last += 1 }
      guard first < last else { continue }
      guard first >= end else {
        overlap = true
        continue
      }
      entities.append(EntitySpan(first..<last, span.type))
      end = last
    }
    (self.entities, self.overlap) = (entities, overlap)
  }

  private typealias Span = (start: Int, end: Int, type: String, text: String?)

  private static func spans(_ json: JSONValue, _ wrong: (String, String) -> any Error) throws -> [Span] {
    let remedy = "write {type: {text: [[first, last]]}}, [[start, end, type]] or [{\"start\":, \"end\":, \"label\":}]"
    func integer(_ value: JSONValue?) throws -> Int {
      guard case .integer(let number)? = value, 0...Int(Int32.max) ~= number else {
        throw wrong("has a span without the numbers of its place", remedy)
      }
      return number
    }
    switch json {
    case .object(let types):
      return try types.flatMap { type in
        guard case .object(let texts) = type.value else {
          throw wrong("has spans of \(type.key.debugDescription) that are not an object of texts", remedy)
        }
        return try texts.flatMap { text -> [Span] in
          guard case .array(let places) = text.value else {
            throw wrong("has no places of \(text.key.debugDescription)", remedy)
          }
          return try places.map { place in
            guard case .array(let ends) = place, ends.count == 2 else {
              throw wrong("has a place of \(text.key.debugDescription) that is not [first, last]", remedy)
            }
            return (try integer(ends[0]), try integer(ends[1]) + 1, type.key, text.key)
          }
        }
      }
    case .array(let spans):
      return try spans.map { span in
        switch span {
        case .array(let parts):
          guard parts.count == 3, case .string(let type) = parts[2] else {
            throw wrong("has a span that is not [start, end, type]", remedy)
          }
          return (try integer(parts[0]), try integer(parts[1]), type, nil)
        case .object:
          let type = span["label"] ?? span["type"] ?? span["entity_group"]
          guard case .string(let name)? = type else { throw wrong("has a span without a label", remedy) }
          let text: String? = if case .string(let text)? = span["text"] { text } else { nil }
          return (try integer(span["start"]), try integer(span["end"]), name, text)
        default: throw wrong("has a label that is neither a list of tags nor spans", remedy)
        }
      }
    default: throw wrong("has a label that is neither a list of tags nor spans", remedy)
    }
  }
}
