/// Decides what quotes at the beginning of a TSV's fields mean.
///
/// They quote if the whole file is right that way (each quoted field is closed before a tab or the end of a line, and each
/// record has as many fields as the header), unless it is also right with quotes as letters and quoting would join lines.
/// GLUE's files, in which a lone quote begins a text here and there, are not, so their quotes stay letters.
struct QuoteRule {
  let quoting: Quoting
  /// Why quotes that begin fields are letters, for the error of a row that does not fit.
  let reason: DelimitedError?

  init(tabSeparated bytes: [UInt8]) {
    var literal = DelimitedReader(bytes, separator: UInt8(ascii: "\t"), hasQuotes: false)
    var fields: [DelimitedField] = []
    guard bytes.contains(UInt8(ascii: "\"")), (try? literal.next(into: &fields)) != nil else {
      (quoting, reason) = (.plain, nil)
      return
    }
    var (beginsWithQuote, isRight) = (false, true)
    let count = fields.count
    repeat {
      beginsWithQuote = beginsWithQuote || fields.contains { bytes[$0.range].first == UInt8(ascii: "\"") }
      isRight = isRight && (fields.count == count || fields.isBlankLine)
    } while (try? literal.next(into: &fields)) ?? nil != nil
    guard beginsWithQuote else {
      (quoting, reason) = (.plain, nil)
      return
    }
    reason = Self.objection(bytes, literalIsRight: isRight)
    quoting = reason == nil ? .assumedQuoted : .assumedLiteral
  }

  /// Why quotes cannot quote; nil where they do.
  private static func objection(_ bytes: [UInt8], literalIsRight: Bool) -> DelimitedError? {
    var reader = DelimitedReader(bytes, separator: UInt8(ascii: "\t"), hasQuotes: true)
    var fields: [DelimitedField] = []
    var count: Int?
    do throws(DelimitedError) {
      while let line = try reader.next(into: &fields) {
        let expected = count ?? fields.count
        count = expected
        guard fields.count == expected || fields.isBlankLine else {
          return DelimitedError(line: line, reason: "quotes would leave \(fields.count) columns, not \(expected)")
        }
        if literalIsRight, fields.contains(where: { $0.isQuoted && bytes[$0.range].contains(0x0A) }) {
          return DelimitedError(line: line, reason: "quotes would join lines that are rows by themselves")
        }
      }
    } catch {
      return error
    }
    return nil
  }
}

extension [DelimitedField] {
  /// Whether there is nothing in a record at all.
  var isBlankLine: Bool { count == 1 && self[0].range.isEmpty && !self[0].isQuoted }
}
