import Support

/// A table before anything is known of its columns: every value of it.
package struct RawTable: Sendable {
  /// A value as it is written.
  package enum Value: Sendable, Equatable {
    case missing
    case text(String)
    /// Of a JSON list; elements that are lists or objects are missing.
    case list([String])

    /// A text, or the elements of a list.
    package var texts: [String] {
      switch self {
      case .missing: []
      case .text(let text): [text]
      case .list(let texts): texts
      }
    }
  }

  package let files: TableFiles
  /// The names of the columns or keys, or their numbers where there is no header. A key of an object in an object is named
  /// `outer.inner`.
  package let names: [String]
  /// Per column a value a row.
  package let columns: [[Value]]
  /// How the bytes have to be read.
  package let options: TableOptions
  package let isJSON: Bool
  /// Whether its rows are sentences, a word a line.
  package let areSentences: Bool
  /// Whether its rows are questions about texts, with the columns `question`, `context` and `answers`.
  package let areQuestions: Bool

  package var rowCount: Int { columns.first?.count ?? 0 }

  /// - Parameter knownNames: what columns are usually called, in small letters: a first line with one of them is a header.
  /// - Throws: `FileError` or `TableError`.
  package init(_ files: TableFiles, knownNames: Set<String>) throws {
    self.files = files
    let contents = try files.paths().map { (file: $0, content: try ForeignFormat.content(of: $0)) }
    var options = TableOptions(encoding: EncodingGuess.encoding(of: contents[0].content))
    var table: (names: [String], columns: [[Value]]) = ([], [])
    isJSON = TableFormat(file: contents[0].file) == .jsonl
    areSentences = TableFormat(file: contents[0].file) == .conll
    var areQuestions = false
    for (index, (file, content)) in contents.enumerated() {
      let text = try Table.Content.text(content, file: file, options: options, .recipe)
      switch TableFormat(file: file) {
      case .jsonl:
        if index == 0 { areQuestions = QuestionRows.are(in: text, file: file) }
        guard areQuestions else {
          Self.add(try RawObjects(text, file: file).rows, to: &table)
          continue
        }
        Self.add(try Self.questions(text, file), to: &table)
      case .conll: Self.add(try Self.sentences(text, file), to: &table)
      default:
        let read = try RawRecords(text, isTabSeparated: TableFormat(file: file) == .tsv, file: file)
        // Where files differ, each decides for itself.
        options.quotes = index == 0 || options.quotes == read.quotes ? read.quotes : .auto
        if index == 0 {
          options.hasHeader = HeaderGuess.hasHeader(read.records, knownNames: knownNames)
        }
        try Self.add(read.records, hasHeader: options.hasHeader, file, to: &table)
      }
    }
    self.options = options
    self.areQuestions = areQuestions
    (names, columns) = table
    guard rowCount > 0 else { throw TableError.noRows(contents[0].file) }
  }

  /// The texts of sentences, and the tags of their words, under the usual names.
  private static func sentences(_ text: [UInt8], _ file: String) throws(TableError) -> (
    names: [String], columns: [[Value]]
  ) {
    let columns = ColumnMapping(text: ColumnMapping.usualText)
    let table = try Table(text, format: .conll, columns: columns, source: file)
    let cells = table.targetCells
    let tags = table.rows.indices.map { Value.list(cells.list($0) ?? []) }
    return (columns.named.map(\.column), [table.rows.map { .text($0.text) }, tags])
  }

  /// Questions, their contexts, and `answer` where there is one.
  private static func questions(_ text: [UInt8], _ file: String) throws(TableError) -> (
    names: [String], columns: [[Value]]
  ) {
    let columns = ColumnMapping(text: "question", pair: "context", label: "answers")
    let table = try Table(
      text, format: .jsonl, columns: columns, options: TableOptions().reading(.spans), source: file)
    let answers = table.rows.map { row -> Value in
      let json = try? JSONParser.parse(Array((row.label ?? "").utf8))
      let texts = json?.elements ?? json?["text"]?.elements ?? []
      return texts.isEmpty ? .missing : .text("answer")
    }
    let texts: [[Value]] = [table.rows.map { .text($0.text) }, table.rows.map { .text($0.pair ?? "") }]
    return (["question", "context", "answers"], texts + [answers])
  }

  /// The rows of one more file.
  private static func add(
    _ read: (names: [String], columns: [[Value]]), to table: inout (names: [String], columns: [[Value]])
  ) {
    table = (read.names, table.columns.isEmpty ? read.columns : zip(table.columns, read.columns).map { $0 + $1 })
  }

  private static func add(
    _ records: [[String]], hasHeader: Bool, _ file: String, to table: inout (names: [String], columns: [[Value]])
  ) throws(TableError) {
    guard let first = records.first else { throw .empty(file) }
    let names = hasHeader ? first : first.indices.map { String($0) }
    if table.names.isEmpty {
      if names.count == 1, hasHeader { try checkSeparator(names[0], file) }
      table = (names, names.map { _ in [] })
    }
    guard table.names.sorted() == names.sorted() else {
      throw TableError(
        file: file, problem: "has the columns \(list(names)), and the files before it \(list(table.names))",
        remedy: "give files with the same columns")
    }
    for (place, name) in table.names.enumerated() {
      // Of several columns of one name each has its own place.
      let own = table.names == names ? place : names.firstIndex(of: name) ?? place
      table.columns[place] += records.dropFirst(hasHeader ? 1 : 0).map { $0[own].isEmpty ? .missing : .text($0[own]) }
    }
  }

  /// - Throws: `TableError` where a header of one column shows that something else separates.
  private static func checkSeparator(_ header: String, _ file: String) throws(TableError) {
    let error = TableError.missingColumn(file, column: "", role: .text, found: [header], .recipe)
    guard error.remedy.contains("separated") || error.remedy.contains("separate ") else { return }
    throw TableError(file: file, problem: "has one column, \(quoted(header))", remedy: error.remedy)
  }

  private static func add(_ rows: [[JSONValue.Member]], to table: inout (names: [String], columns: [[Value]])) {
    var places = Dictionary(table.names.enumerated().map { (ByteString($1), $0) }) { first, _ in first }
    for row in rows {
      let count = table.columns.first?.count ?? 0
      for (name, value) in row.flatMap({ flat($0.key, $0.value) }) {
        let place = places[ByteString(name)] ?? table.names.count
        if place == table.names.count {
          places[ByteString(name)] = place
          table.names.append(name)
          table.columns.append([Value](repeating: .missing, count: count))
        }
        if table.columns[place].count == count { table.columns[place].append(value) }
      }
      for place in table.columns.indices where table.columns[place].count == count {
        table.columns[place].append(.missing)
      }
    }
  }

  /// The values of a key; those of an object in an object by the names of both.
  private static func flat(_ key: String, _ value: JSONValue) -> [(String, Value)] {
    guard case .object(let members) = value else { return [(key, self.value(value))] }
    return members.map { ("\(key).\($0.key)", self.value($0.value)) }
  }

  private static func value(_ value: JSONValue) -> Value {
    if case .array(let elements) = value { return .list(elements.compactMap(scalar)) }
    return scalar(value).map { $0.isEmpty ? .missing : .text($0) } ?? .missing
  }

  private static func scalar(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    case .unsigned(let number): String(number)
    case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
    case .boolean(let value): String(value)
    case .null, .array, .object: nil
    }
  }
}
