import Console

/// The rows of comma- or tab-separated values.
struct DelimitedRows {
  let rows: [Table.Row]
  let quoting: Quoting
  /// The fields of the first line: the header, where there is one.
  let columns: [String]

  /// - Throws: `TableError`.
  init(
    _ bytes: [UInt8], isTabSeparated: Bool, file: String, columns: ColumnMapping, limit: Int,
    options: TableOptions, firstLine: Int
  ) throws(TableError) {
    let rule = isTabSeparated && options.quotes == .auto ? QuoteRule(tabSeparated: bytes) : nil
    quoting = rule?.quoting ?? .plain
    let hasQuotes = rule.map { $0.quoting == .assumedQuoted } ?? (options.quotes != .none)
    var parser = Parser(
      reader: DelimitedReader(bytes, separator: UInt8(ascii: isTabSeparated ? "\t" : ","), hasQuotes: hasQuotes),
      file: file, columns: columns, objection: rule?.reason, hasHeader: options.hasHeader, linesBefore: firstLine)
    rows = try parser.rows(limit: limit)
    self.columns = parser.first
  }
}

private struct Parser {
  var reader: DelimitedReader
  let file: String
  let columns: ColumnMapping
  /// Why quotes are letters although fields begin with them.
  let objection: DelimitedError?
  let hasHeader: Bool
  /// Lines of the files before this one.
  let linesBefore: Int
  /// The fields of the first line.
  private(set) var first: [String] = []
  private var fields: [DelimitedField] = []

  init(
    reader: DelimitedReader, file: String, columns: ColumnMapping, objection: DelimitedError?, hasHeader: Bool,
    linesBefore: Int
  ) {
    (self.reader, self.file, self.columns, self.objection) = (reader, file, columns, objection)
    (self.hasHeader, self.linesBefore) = (hasHeader, linesBefore)
  }

  mutating func rows(limit: Int) throws(TableError) -> [Table.Row] {
    guard var line = try next() else { throw .empty(file) }
    if reader.isSeparatorLine(fields) {
      guard let second = try next() else { throw .noRows(file) }
      line = second
    }
    first = fields.map { reader.text(of: $0) }
    let places = try ColumnPlaces(file: file, columns: columns, first: first).places(hasHeader: hasHeader)
    var pending = hasHeader ? try next() : line
    var rows: [Table.Row] = []
    let work = Work("reading", file, of: reader.byteCount, in: .bytes)
    defer { work.end() }
    while rows.count < limit, let line = pending {
      if rows.count % 1024 == 0 { work.report(reader.position) }
      // A blank line is not a row, unless a blank is all that a row can be.
      if first.count == 1 || !fields.isBlankLine { rows.append(try row(line, places)) }
      pending = rows.count < limit ? try next() : nil
    }
    return rows
  }

  private func row(_ line: Int, _ places: [ColumnPlaces.Place]) throws(TableError) -> Table.Row {
    guard fields.count == first.count else { throw count(line: line, expected: first.count) }
    func texts(_ role: ColumnMapping.Role) -> [String] {
      places.compactMap { $0.role == role ? reader.text(of: fields[$0.place]) : nil }
    }
    func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
    let labels = texts(.label)
    if let column = columns.label, labels.allSatisfy(isBlank) {
      throw .missingLabel(file, line: line, column: column)
    }
    return Table.Row(
      text: texts(.text)[0], pair: texts(.pair).first, labels: labels.map { isBlank($0) ? "" : $0 },
      options: texts(.options).filter { !isBlank($0) }, negatives: texts(.negative).filter { !isBlank($0) },
      id: texts(.id).first, line: linesBefore + line)
  }

  private mutating func next() throws(TableError) -> Int? {
    do throws(DelimitedError) { return try reader.next(into: &fields) } catch {
      throw .malformed(file, line: error.line, error.reason)
    }
  }

  private func count(line: Int, expected: Int) -> TableError {
    let found = fields.count == 1 ? "1 column" : "\(fields.count) columns"
    let quotes = objection.map {
      "; quotes were read as letters, because of line \($0.line): \($0.reason)"
    }
    return .malformed(
      file, line: line, "has \(found), and the \(hasHeader ? "header" : "first row") \(expected)" + (quotes ?? ""),
      remedy: quotes == nil
        ? "correct the row"
        : "correct that line, or set \(columns.vocabulary.setting("quotes", "none")) if no field is quoted")
  }
}
