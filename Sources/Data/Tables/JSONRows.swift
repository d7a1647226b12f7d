import Console
import Support

/// The rows of JSON objects: one a line, or all in one array.
struct JSONRows {
  let file: String
  let columns: ColumnMapping
  /// Lines of the files before this one.
  var linesBefore = 0
  /// Whether the text may be a list of words.
  var readsWords = false
  /// Whether objects may hold several questions, below the key `data` of one object.
  var readsQuestions = false

  /// - Throws: `TableError`.
  /// - Returns: the rows, and whether a label of one is a list or an object.
  func rows(_ content: [UInt8], limit: Int) throws(TableError) -> (rows: [Table.Row], hasLists: Bool) {
    var (rows, hasLists): ([Table.Row], Bool) = ([], false)
    var texts = JSONTexts(content, file: file, below: readsQuestions ? "data" : nil)
    let work = Work("reading", file, of: content.count, in: .bytes)
    defer { work.end() }
    var questions = QuestionRows(file: file, columns: columns, linesBefore: linesBefore)
    while rows.count < limit, let text = try texts.next() {
      if rows.count % 1024 == 0 { work.report(text.range.lowerBound) }
      let isFirst = rows.isEmpty && !texts.areElements
      let object = try self.object(content[text.range], line: text.line, isFirst: isFirst, whole: content)
      if readsQuestions, let asked = try questions.rows(of: object, line: text.line) {
        rows += asked
        hasLists = true
        continue
      }
      let read = try row(object, line: text.line)
      rows.append(read.row)
      hasLists = hasLists || read.hasList
    }
    return (Array(rows.prefix(limit)), hasLists)
  }

  private func object(
    _ json: ArraySlice<UInt8>, line: Int, isFirst: Bool, whole: [UInt8]
  ) throws(TableError) -> JSONValue {
    let object: JSONValue
    do throws(JSONError) { object = try JSONParser.parse(Array(json), keepsDigits: true) } catch {
      if isFirst, case .object(let members) = try? JSONParser.parse(whole) {
        let rows = Self.rowsKey(of: members).map { ", whose rows stand in \(quoted($0))" } ?? ""
        throw .malformed(
          file, line: line, "is one object over several lines" + rows,
          remedy: "write the rows as an array of objects, or one object a line")
      }
      throw .malformed(file, line: line, "is not JSON (\(error))")
    }
    guard case .object(let members) = object else {
      throw .malformed(file, line: line, "is not a JSON object", remedy: "write each row as one object")
    }
    if isFirst, !readsQuestions || object["qas"] == nil && object["paragraphs"] == nil, object.at(columns.text) == nil,
      let key = Self.rowsKey(of: members)
    {
      throw .malformed(
        file, line: line, "is one object, whose rows stand in \(quoted(key))", remedy: "write that array alone")
    }
    return object
  }

  private func row(_ object: JSONValue, line: Int) throws(TableError) -> (row: Table.Row, hasList: Bool) {
    let values = JSONRow(object: object, line: line, file: file, columns: columns, readsWords: readsWords)
    let words = try values.words(columns.text)
    let text = if let words { words.joined(separator: " ") } else { try values.text(columns.text, .text) }
    let pair = try columns.pair.map { key throws(TableError) in try values.text(key, .pair) }
    let labels = try values.labels()
    let id = try columns.id.map { key throws(TableError) in try values.text(key, .id) }
    let row = Table.Row(
      text: text, pair: pair, labels: labels.texts, options: try values.texts(columns.options, .options),
      negatives: try values.texts(columns.negatives, .negative), id: id, line: linesBefore + line,
      words: words.map(RowWords.places))
    return (row, labels.hasList)
  }

  /// The key that holds an array of objects, where there is one.
  private static func rowsKey(of members: [JSONValue.Member]) -> String? {
    members.first { member in
      guard case .array(let elements) = member.value, case .object = elements.first else { return false }
      return true
    }?.key
  }
}

/// What the named keys of one object hold.
private struct JSONRow {
  let object: JSONValue
  let line: Int
  let file: String
  let columns: ColumnMapping
  let readsWords: Bool

  /// For errors.
  private var keys: [String] { object.flattened.members?.map(\.key) ?? [] }

  /// A text, which may be written as a number; a missing value is an empty one.
  func text(_ key: String, _ role: ColumnMapping.Role) throws(TableError) -> String {
    guard let value = object.at(key) else {
      throw .missingKey(file, line: line, key: key, role: role, found: keys, columns.vocabulary)
    }
    return try scalar(value, key: key, role) ?? ""
  }

  /// The words of a text that is a list of them; nil where it is one value.
  func words(_ key: String) throws(TableError) -> [String]? {
    guard readsWords, case .array(let elements)? = object.at(key) else { return nil }
    guard elements.count <= SentenceRows.mostWords else {
      throw TableError(
        file: file, line: line, problem: "\(quoted(key)) has \(elements.count) words",
        remedy: "split it into rows of \(SentenceRows.mostWords) words or fewer")
    }
    var words: [String] = []
    for element in elements {
      let word = try scalar(element, key: key, .text) ?? ""
      words.append(word.isEmpty ? " " : word)
    }
    return words
  }

  /// The cells of the label columns, of which at least one is not empty.
  func labels() throws(TableError) -> (texts: [String], hasList: Bool) {
    var (texts, hasList): ([String], Bool) = ([], false)
    for key in columns.labels {
      guard let value = object.at(key) else {
        // Rows of most tables have all keys: one that nobody has is a wrong name, and one that is left out a missing label.
        guard nearest(to: key, among: keys) == nil, keys.contains(columns.text) else {
          throw .missingKey(file, line: line, key: key, role: .label, found: keys, columns.vocabulary)
        }
        texts.append("")
        continue
      }
      if let list = try list(value, key: key) {
        hasList = true
        texts.append(list)
        continue
      }
      let label = try scalar(value, key: key, .label) ?? ""
      texts.append(label.allSatisfy(\.isWhitespace) ? "" : label)
    }
    if let key = columns.label, texts.allSatisfy(\.isEmpty) { throw .missingLabel(file, line: line, column: key) }
    return (texts, hasList)
  }

  /// A list or an object of values as JSON, each of them as a text; where words are labelled an object, or a list of lists or
  /// objects, as it is. Nil where there is one value.
  private func list(_ value: JSONValue, key: String) throws(TableError) -> String? {
    if readsWords, value.isNested { return JSONLine(value).description }
    func text(_ value: JSONValue) throws(TableError) -> JSONLine { .string(try scalar(value, key: key, .label) ?? "") }
    switch value {
    case .array(let elements):
      var list: [JSONLine] = []
      for element in elements { list.append(try text(element)) }
      return JSONLine.array(list).description
    case .object(let members):
      var object: [(String, JSONLine)] = []
      for member in members { object.append((member.key, try text(member.value))) }
      return JSONLine.object(object).description
    default: return nil
    }
  }

  /// The texts that are not blank: those of the named keys that are there, or of the one key that holds a list.
  func texts(_ named: [String], _ role: ColumnMapping.Role) throws(TableError) -> [String] {
    var texts: [String] = []
    for key in named {
      guard let value = object.at(key) else {
        guard named.count > 1 else {
          throw .missingKey(file, line: line, key: key, role: role, found: keys, columns.vocabulary)
        }
        continue
      }
      if case .array(let elements) = value {
        for element in elements { texts.append(try scalar(element, key: key, role) ?? "") }
      } else {
        texts.append(try scalar(value, key: key, role) ?? "")
      }
    }
    return texts.filter { !$0.allSatisfy(\.isWhitespace) }
  }

  private func scalar(
    _ value: JSONValue, key: String, _ role: ColumnMapping.Role
  ) throws(TableError) -> String? {
    switch value {
    case .string(let text): return text
    case .integer(let number): return String(number)
    case .unsigned(let number): return String(number)
    case .number(let number): return Int(exactly: number).map(String.init) ?? String(number)
    case .boolean(let value): return String(value)
    case .null: return nil
    case .array, .object:
      let kind = if case .array = value { "a list" } else { "an object" }
      throw TableError(
        file: file, line: line, problem: "\(quoted(key)) holds \(kind), not one value",
        remedy: "write one value a row, or name another key in \(columns.vocabulary.column(role))")
    }
  }
}

extension JSONValue {
  /// Whether it is an object, or a list that holds objects or lists.
  fileprivate var isNested: Bool {
    members != nil || elements?.contains { $0.members != nil || $0.elements != nil } == true
  }
}

extension JSONLine {
  /// A value that was read, to be written.
  init(_ value: JSONValue) {
    self =
      switch value {
      case .string(let text): .string(text)
      case .integer(let number): .integer(number)
      case .unsigned(let number): .number(Double(number))
      case .number(let number): .number(number)
      case .boolean(let value): .boolean(value)
      case .null: .null
      case .array(let elements): .array(elements.map { JSONLine($0) })
      case .object(let members): .object(members.map { ($0.key, JSONLine($0.value)) })
      }
  }
}
