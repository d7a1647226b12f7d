import Console

/// The rows of comma- or tab-separated values.
struct DelimitedRows {
  let rows: [Table.Row]
  let quoting: Quoting

  /// - Throws: `TableError`.
  init(
    _ bytes: [UInt8], isTabSeparated: Bool, file: String, columns: ColumnMapping, limit: Int,
    quotes: TableOptions.Quotes
  ) throws(TableError) {
    let rule = isTabSeparated && quotes == .auto ? QuoteRule(tabSeparated: bytes) : nil
    quoting = rule?.quoting ?? .plain
    let hasQuotes = rule.map { $0.quoting == .assumedQuoted } ?? (quotes != .none)
    var parser = Parser(
      reader: DelimitedReader(bytes, separator: UInt8(ascii: isTabSeparated ? "\t" : ","), hasQuotes: hasQuotes),
      file: file, columns: columns, objection: rule?.reason)
    rows = try parser.rows(limit: limit)
  }
}

private struct Parser {
  var reader: DelimitedReader
  let file: String
  let columns: ColumnMapping
  /// Why quotes are letters although fields begin with them.
  let objection: DelimitedError?
  private var fields: [DelimitedField] = []

  init(reader: DelimitedReader, file: String, columns: ColumnMapping, objection: DelimitedError?) {
    (self.reader, self.file, self.columns, self.objection) = (reader, file, columns, objection)
  }

  mutating func rows(limit: Int) throws(TableError) -> [Table.Row] {
    guard try next() != nil else { throw .empty(file) }
    if reader.isSeparatorLine(fields) { guard try next() != nil else { throw .noRows(file) } }
    let header = fields.map { reader.text(of: $0) }
    let places = try places(in: header)
    var rows: [Table.Row] = []
    let work = Work("reading", file, of: reader.byteCount, in: .bytes)
    defer { work.end() }
    while rows.count < limit, let line = try next() {
      if rows.count % 1024 == 0 { work.report(reader.position) }
      // A blank line is no row, unless a blank is all that a row can be.
      if header.count > 1, fields.isBlankLine { continue }
      guard fields.count == header.count else { throw count(line: line, expected: header.count) }
      rows.append(try row(line, places))
    }
    return rows
  }

  private func row(_ line: Int, _ places: [(role: ColumnMapping.Role, place: Int)]) throws(TableError) -> Table.Row {
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
      options: texts(.options).filter { !isBlank($0) }, id: texts(.id).first, line: line)
  }

  private mutating func next() throws(TableError) -> Int? {
    do throws(DelimitedError) { return try reader.next(into: &fields) } catch {
      throw .malformed(file, line: error.line, error.reason)
    }
  }

  /// Where each named column stands.
  private func places(in header: [String]) throws(TableError) -> [(role: ColumnMapping.Role, place: Int)] {
    var places: [(role: ColumnMapping.Role, place: Int)] = []
    for (role, column) in columns.named {
      guard let place = header.firstIndex(of: column) else {
        throw .missingColumn(file, column: column, role: role, found: header, columns.vocabulary)
      }
      guard header.lastIndex(of: column) == place else {
        throw .duplicateColumn(file, column: column, role: role, columns.vocabulary)
      }
      places.append((role, place))
    }
    return places
  }

  private func count(line: Int, expected: Int) -> TableError {
    let found = fields.count == 1 ? "1 column" : "\(fields.count) columns"
    let quotes = objection.map {
      "; quotes were read as letters, because of line \($0.line): \($0.reason)"
    }
    return .malformed(
      file, line: line, "has \(found), and the header \(expected)" + (quotes ?? ""),
      remedy: quotes == nil
        ? "correct the row"
        : "correct that line, or set \(columns.vocabulary.setting("quotes", "none")) if no field is quoted")
  }
}
