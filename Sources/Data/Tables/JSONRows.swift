import Console
import Support

/// The rows of JSON objects: one a line, or all in one array.
struct JSONRows {
  let file: String
  let columns: ColumnMapping
  /// Lines of the files before this one.
  var linesBefore = 0

  /// - Throws: `TableError`.
  /// - Returns: the rows, and whether a label of one is a list.
  func rows(_ content: [UInt8], limit: Int) throws(TableError) -> (rows: [Table.Row], hasLists: Bool) {
    let first = content.first { !($0 == 0x20 || 0x09...0x0D ~= $0) }
    let rows = first == UInt8(ascii: "[") ? try array(content, limit: limit) : try lines(content, limit: limit)
    return (rows.map(\.row), rows.contains(where: \.hasList))
  }

  private typealias ReadRow = (row: Table.Row, hasList: Bool)

  private func lines(_ content: [UInt8], limit: Int) throws(TableError) -> [ReadRow] {
    var rows: [ReadRow] = []
    var (start, line) = (0, 0)
    let work = Work("reading", file, of: content.count, in: .bytes)
    defer { work.end() }
    while start < content.count, rows.count < limit {
      if line % 1024 == 0 { work.report(start) }
      let end = content[start...].firstIndex(of: 0x0A) ?? content.endIndex
      line += 1
      if !content[start..<end].allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) {
        rows.append(try row(content[start..<end], line: line, isFirst: rows.isEmpty, whole: content))
      }
      start = end + 1
    }
    return rows
  }

  private func array(_ content: [UInt8], limit: Int) throws(TableError) -> [ReadRow] {
    var elements = JSONElements(content)
    var rows: [ReadRow] = []
    let work = Work("reading", file, of: content.count, in: .bytes)
    defer { work.end() }
    while rows.count < limit {
      let element: (range: Range<Int>, line: Int)?
      do throws(DelimitedError) { element = try elements.next() } catch {
        throw .malformed(file, line: error.line, error.reason, remedy: "correct the file")
      }
      guard let element else { break }
      if rows.count % 1024 == 0 { work.report(element.range.lowerBound) }
      rows.append(try row(content[element.range], line: element.line, isFirst: false, whole: content))
    }
    return rows
  }

  private func row(
    _ json: ArraySlice<UInt8>, line: Int, isFirst: Bool, whole: [UInt8]
  ) throws(TableError) -> ReadRow {
    let object: JSONValue
    do throws(JSONError) { object = try JSONParser.parse(Array(json), keepsDigits: true).flattened } catch {
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
    if isFirst, object[columns.text] == nil, let key = Self.rowsKey(of: members) {
      throw .malformed(
        file, line: line, "is one object, whose rows stand in \(quoted(key))", remedy: "write that array alone")
    }
    let values = JSONRow(object: object, keys: members.map(\.key), line: line, file: file, columns: columns)
    let text = try values.text(columns.text, .text)
    let pair = try columns.pair.map { key throws(TableError) in try values.text(key, .pair) }
    let labels = try values.labels()
    let id = try columns.id.map { key throws(TableError) in try values.text(key, .id) }
    let row = Table.Row(
      text: text, pair: pair, labels: labels.texts, options: try values.options(), id: id, line: linesBefore + line)
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
  let keys: [String]
  let line: Int
  let file: String
  let columns: ColumnMapping

  /// A text, which may be written as a number; a missing value is an empty one.
  func text(_ key: String, _ role: ColumnMapping.Role) throws(TableError) -> String {
    guard let value = object.at(key) else {
      throw .missingKey(file, line: line, key: key, role: role, found: keys, columns.vocabulary)
    }
    return try scalar(value, key: key, role) ?? ""
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
      if case .array(let elements) = value {
        var list: [JSONLine] = []
        for element in elements { list.append(.string(try scalar(element, key: key, .label) ?? "")) }
        hasList = true
        texts.append(JSONLine.array(list).description)
        continue
      }
      let label = try scalar(value, key: key, .label) ?? ""
      texts.append(label.allSatisfy(\.isWhitespace) ? "" : label)
    }
    if let key = columns.label, texts.allSatisfy(\.isEmpty) { throw .missingLabel(file, line: line, column: key) }
    return (texts, hasList)
  }

  /// The answers: those of the named keys that are there, or of the one key that holds a list.
  func options() throws(TableError) -> [String] {
    var texts: [String] = []
    for key in columns.options {
      guard let value = object.at(key) else {
        guard columns.options.count > 1 else {
          throw .missingKey(file, line: line, key: key, role: .options, found: keys, columns.vocabulary)
        }
        continue
      }
      if case .array(let elements) = value {
        for element in elements { texts.append(try scalar(element, key: key, .options) ?? "") }
      } else {
        texts.append(try scalar(value, key: key, .options) ?? "")
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

/// Cuts an array into its elements without reading them.
struct JSONElements {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var isOpen = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Where the next element stands, and its line; nil behind the last one.
  mutating func next() throws(DelimitedError) -> (range: Range<Int>, line: Int)? {
    skipBlanks()
    if !isOpen {
      isOpen = true
      position += 1
      skipBlanks()
      if position < bytes.count, bytes[position] == UInt8(ascii: "]") { return try end() }
    } else if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
      return try end()
    } else {
      guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else {
        throw DelimitedError(
          line: line, reason: position < bytes.count ? "a comma is missing" : "the array is not closed")
      }
      position += 1
      skipBlanks()
    }
    let (start, first) = (position, line)
    try skipValue()
    guard position > start else { throw DelimitedError(line: line, reason: "an element of the array is missing") }
    return (start..<position, first)
  }

  private mutating func end() throws(DelimitedError) -> (range: Range<Int>, line: Int)? {
    position += 1
    skipBlanks()
    guard position >= bytes.count else { throw DelimitedError(line: line, reason: "text follows the array") }
    position = bytes.count
    isOpen = true
    return nil
  }

  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] == 0x20 || 0x09...0x0D ~= bytes[position] {
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
  }

  /// Stops at the comma or the bracket behind the value.
  private mutating func skipValue() throws(DelimitedError) {
    var (depth, isInString) = (0, false)
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0x0A { line += 1 }
      if isInString {
        if byte == UInt8(ascii: "\\") { position += 1 }
        isInString = byte != UInt8(ascii: "\"")
      } else if byte == UInt8(ascii: "\"") {
        isInString = true
      } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        depth += 1
      } else if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
        return
      } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
        depth -= 1
      }
      position += 1
    }
    position = min(position, bytes.count)
    throw DelimitedError(line: line, reason: "the array is not closed")
  }
}

extension JSONValue {
  /// The value of a key, or of a path with dots; of an array of objects that of each.
  fileprivate func at(_ path: String) -> JSONValue? {
    if let value = self[path] { return value }
    guard let dot = path.firstIndex(of: "."), let value = self[String(path[..<dot])] else { return nil }
    let rest = String(path[path.index(after: dot)...])
    guard case .array(let elements) = value else { return value.at(rest) }
    let values = elements.compactMap { $0.at(rest) }
    return values.count == elements.count ? .array(values) : nil
  }
}
