import Text

/// Every field of a comma- or tab-separated file, as text.
package struct DelimitedTable {
  package enum Separator: String, Sendable {
    case comma = ","
    case tab = "\t"
  }

  package let file: String
  package let header: [String]
  /// The line on which each record starts, from 1, and as many fields as the header has.
  package let records: [(line: Int, fields: [String])]

  /// - Throws: `TableError`.
  package init(_ content: [UInt8], separator: Separator, file: String) throws {
    self.file = file
    let content = try Self.text(content, file: file)
    let hasQuotes = separator == .comma || QuoteRule(tabSeparated: content).quoting == .assumedQuoted
    var reader = DelimitedReader(
      content, separator: separator == .comma ? UInt8(ascii: ",") : UInt8(ascii: "\t"), hasQuotes: hasQuotes)
    var fields: [DelimitedField] = []
    func next() throws -> Int? {
      do { return try reader.next(into: &fields) } catch {
        throw TableError.malformed(file, line: error.line, error.reason)
      }
    }
    guard try next() != nil else { throw TableError.empty(file) }
    if reader.isSeparatorLine(fields) { guard try next() != nil else { throw TableError.noRows(file) } }
    let header = fields.map { reader.text(of: $0) }
    var records: [(line: Int, fields: [String])] = []
    while let line = try next() {
      if header.count > 1, fields.isBlankLine { continue }
      guard fields.count == header.count else {
        throw TableError.malformed(file, line: line, "has \(fields.count) columns, and the header \(header.count)")
      }
      records.append((line, fields.map { reader.text(of: $0) }))
    }
    (self.header, self.records) = (header, records)
  }

  private static func text(_ content: [UInt8], file: String) throws -> [UInt8] {
    do throws(TextEncoding.Failure) { return try TextEncoding.utf8.decode(content) } catch {
      throw TableError(file: file, problem: "holds bytes that are not UTF-8", remedy: "convert the file to UTF-8")
    }
  }
}
