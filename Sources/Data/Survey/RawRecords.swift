/// The records of a comma- or tab-separated file, all fields of them, and how its quotes are read.
struct RawRecords {
  let records: [[String]]
  let quotes: TableOptions.Quotes

  /// - Throws: `TableError` where records have different numbers of fields, or quotes are broken.
  init(_ content: [UInt8], isTabSeparated: Bool, file: String) throws(TableError) {
    let separator = UInt8(ascii: isTabSeparated ? "\t" : ",")
    guard isTabSeparated else {
      let quoted = Result { () throws(TableError) in try Self.read(content, separator, hasQuotes: true, file) }
      if case .success(let records) = quoted {
        (self.records, quotes) = (records, .auto)
      } else if let literal = try? Self.read(content, separator, hasQuotes: false, file) {
        (records, quotes) = (literal, .none)
      } else {
        (records, quotes) = (try quoted.get(), .auto)
      }
      return
    }
    let rule = QuoteRule(tabSeparated: content)
    records = try Self.read(content, separator, hasQuotes: rule.quoting == .assumedQuoted, file)
    quotes =
      switch rule.quoting {
      case .plain: .auto
      case .assumedQuoted: .rfc4180
      case .assumedLiteral: .none
      }
  }

  private static func read(
    _ content: [UInt8], _ separator: UInt8, hasQuotes: Bool, _ file: String
  ) throws(TableError) -> [[String]] {
    var reader = DelimitedReader(content, separator: separator, hasQuotes: hasQuotes)
    var fields: [DelimitedField] = []
    var records: [[String]] = []
    while true {
      let line: Int?
      do throws(DelimitedError) { line = try reader.next(into: &fields) } catch {
        throw .malformed(file, line: error.line, error.reason)
      }
      guard let line else { return records }
      if records.isEmpty, reader.isSeparatorLine(fields) { continue }
      let count = records.first?.count ?? fields.count
      if count > 1, fields.isBlankLine { continue }
      guard fields.count == count else {
        throw .malformed(
          file, line: line,
          "has \(fields.count == 1 ? "1 column" : "\(fields.count) columns"), and the first line \(count)")
      }
      records.append(fields.map { reader.text(of: $0) })
    }
  }
}
