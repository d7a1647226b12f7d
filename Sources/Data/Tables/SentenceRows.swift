import Console
import Support

/// The sentences of a CoNLL file: a word a line with its tags behind it, and an empty line after each sentence.
///
/// Columns are separated by tabs where a line has one, else by blanks. Lines that are comments (`# id = …`), and the sentences
/// that begin a document (`-DOCSTART-`), are left out.
struct SentenceRows {
  let file: String
  let columns: ColumnMapping
  /// Lines of the files before this one.
  var linesBefore = 0

  /// Words of a sentence at most: beyond it the empty lines are missing.
  static let mostWords = 8192

  /// - Throws: `TableError`.
  func rows(_ content: [UInt8], limit: Int) throws(TableError) -> [Table.Row] {
    var rows: [Table.Row] = []
    var sentence = Sentence()
    var places: Places?
    let work = Work("reading", file, of: content.count, in: .bytes)
    defer { work.end() }
    var number = 0
    for line in content.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if number % 4096 == 0 { work.report(line.startIndex) }
      if line.allSatisfy(\.isBlank) {
        if let row = sentence.row(linesBefore: linesBefore) { rows.append(row) }
        sentence = Sentence()
        if rows.count >= limit { return rows }
        continue
      }
      let fields = Self.fields(line)
      if sentence.words.isEmpty, fields[0].hasPrefix("#"), fields.count != places?.count ?? .max,
        fields.count > 1 || places != nil
      {
        continue
      }
      let own = if let places { places } else { try self.places(fields, line: number) }
      places = own
      try sentence.add(fields, line: number, own, file: file)
    }
    if let row = sentence.row(linesBefore: linesBefore) { rows.append(row) }
    return rows
  }

  private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
    let line = line.last == 0x0D ? line.dropLast() : line
    let hasTab = line.contains(0x09)
    let fields = line.split(omittingEmptySubsequences: !hasTab) { hasTab ? $0 == 0x09 : $0 == 0x20 }
    return fields.map { field in
      let start = field.drop { $0 == 0x20 }
      let end = start.reversed().prefix { $0 == 0x20 }.count
      return String(decoding: start.dropLast(end), as: UTF8.self)
    }
  }

  /// Where words and tags stand among the fields of a line.
  fileprivate struct Places {
    let count: Int
    let word: Int
    let tags: [Int]
  }

  /// By number from 0; where the mapping has the usual names, words in the first column and tags in the last.
  private func places(_ fields: [String], line: Int) throws(TableError) -> Places {
    func place(_ column: String, _ role: ColumnMapping.Role, usual: String, at end: Int) throws(TableError) -> Int {
      if column == usual { return end }
      if let number = WholeNumber.value(of: column), fields.indices.contains(number) { return number }
      throw TableError(
        file: file, line: line,
        problem: "has \(fields.count == 1 ? "1 column" : "\(fields.count) columns") without names, and"
          + " \(columns.vocabulary.column(role)) is \(quoted(column))",
        remedy: "give the column's number from 0 to \(fields.count - 1)")
    }
    let word = try place(columns.text, .text, usual: ColumnMapping.usualText, at: 0)
    var tags: [Int] = []
    for column in columns.labels {
      tags.append(try place(column, .label, usual: ColumnMapping.usualLabel, at: fields.count - 1))
    }
    if tags.contains(word) {
      throw TableError(
        file: file, line: line, problem: "has words alone, and no tag behind them",
        remedy: "write a tag behind each word, or name another column in \(columns.vocabulary.column(.label))")
    }
    return Places(count: fields.count, word: word, tags: tags)
  }
}

/// A sentence while its lines are read.
private struct Sentence {
  var words: [String] = []
  private var tags: [[String]] = []
  private var line = 0
  private var isMark = false

  mutating func add(_ fields: [String], line: Int, _ places: SentenceRows.Places, file: String) throws(TableError) {
    guard fields.count == places.count else {
      throw TableError(
        file: file, line: line,
        problem: "has \(fields.count == 1 ? "1 column" : "\(fields.count) columns"), and the first line"
          + " \(places.count)",
        remedy: "write the same columns behind each word, and an empty line behind each sentence")
    }
    if words.isEmpty {
      self.line = line
      tags = places.tags.map { _ in [] }
      isMark = fields[places.word] == "-DOCSTART-"
    }
    guard words.count < SentenceRows.mostWords else {
      throw TableError(
        file: file, line: self.line, problem: "begins a sentence of more than \(SentenceRows.mostWords) words",
        remedy: "leave an empty line behind each sentence")
    }
    words.append(fields[places.word].isEmpty ? " " : fields[places.word])
    for (index, place) in places.tags.enumerated() { tags[index].append(fields[place]) }
  }

  /// Nil where nothing is gathered, or the mark of a document alone.
  func row(linesBefore: Int) -> Table.Row? {
    guard !words.isEmpty, !isMark else { return nil }
    let lists = tags.map { JSONLine.array($0.map(JSONLine.string)).description }
    return Table.Row(
      text: words.joined(separator: " "), labels: lists, line: linesBefore + line, words: RowWords.places(of: words))
  }
}
