/// A field of a record: where it stands in the file, without its quotes.
struct DelimitedField {
  let range: Range<Int>
  let isQuoted: Bool
}

/// Why a record cannot be read.
struct DelimitedError: Error {
  let line: Int
  let reason: String
}

/// Cuts a file into records: values separated by commas or tabs, with quotes as RFC 4180 has them or as letters.
struct DelimitedReader {
  private static let quote = UInt8(ascii: "\"")
  private let bytes: [UInt8]
  private let separator: UInt8
  private let hasQuotes: Bool
  /// Where the next record begins.
  private(set) var position: Int
  /// The line of the next record.
  private var line = 1

  init(_ bytes: [UInt8], separator: UInt8, hasQuotes: Bool) {
    (self.bytes, self.separator, self.hasQuotes, position) = (bytes, separator, hasQuotes, 0)
  }

  var byteCount: Int { bytes.count }

  /// Whether the first record is the line `sep=,` by which spreadsheets say what separates the fields.
  func isSeparatorLine(_ fields: [DelimitedField]) -> Bool {
    fields.count == 2 && fields[1].range.isEmpty && !fields[1].isQuoted
      && bytes[fields[0].range].elementsEqual("sep=".utf8)
  }

  /// Reads the next record; its line, or nil at the end of the file.
  mutating func next(into fields: inout [DelimitedField]) throws(DelimitedError) -> Int? {
    fields.removeAll(keepingCapacity: true)
    guard position < bytes.count else { return nil }
    let firstLine = line
    while true {
      let isQuoted = hasQuotes && position < bytes.count && bytes[position] == Self.quote
      let range = isQuoted ? try quotedField(firstLine) : plainField()
      fields.append(DelimitedField(range: range, isQuoted: isQuoted))
      guard position < bytes.count else { return firstLine }
      let end = bytes[position]
      position += 1
      if end == 0x0A {
        line += 1
        return firstLine
      }
    }
  }

  /// The content of a field, with doubled quotes undone.
  func text(of field: DelimitedField) -> String {
    let content = bytes[field.range]
    guard field.isQuoted, content.contains(Self.quote) else { return String(decoding: content, as: UTF8.self) }
    var undone: [UInt8] = []
    undone.reserveCapacity(content.count)
    var index = content.startIndex
    while index < content.endIndex {
      undone.append(content[index])
      index += content[index] == Self.quote ? 2 : 1
    }
    return String(decoding: undone, as: UTF8.self)
  }

  /// Stops at the separator, at the line feed or at the end; a carriage return before the line feed is not part of the
  /// field.
  private mutating func plainField() -> Range<Int> {
    let start = position
    while position < bytes.count, bytes[position] != separator, bytes[position] != 0x0A { position += 1 }
    let endsLine = position == bytes.count || bytes[position] == 0x0A
    return start..<(endsLine && position > start && bytes[position - 1] == 0x0D ? position - 1 : position)
  }

  private mutating func quotedField(_ firstLine: Int) throws(DelimitedError) -> Range<Int> {
    position += 1
    let start = position
    while position < bytes.count {
      if bytes[position] == 0x0A { line += 1 }
      guard bytes[position] == Self.quote else {
        position += 1
        continue
      }
      if position + 1 < bytes.count, bytes[position + 1] == Self.quote {
        position += 2
        continue
      }
      let end = position
      position += 1
      if position < bytes.count, bytes[position] == 0x0D { position += 1 }
      guard position == bytes.count || bytes[position] == 0x0A || bytes[position] == separator else {
        throw DelimitedError(line: firstLine, reason: "text follows the closing quote of a field")
      }
      return start..<end
    }
    throw DelimitedError(line: firstLine, reason: "a field's quote is never closed")
  }
}
