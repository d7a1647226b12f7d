import Crypto
import Text
import Tensors

/// The rows of a file: texts, labels as they are written, and ids.
///
/// Formats by the file's name: `.csv` (RFC 4180) and `.tsv` (unquoted, as GLUE has it) with a header, `.json` and
/// `.jsonl` with one object per line. Texts are kept as they are, blanks at their ends included.
public struct Table: Sendable {
  /// One row.
  public struct Row: Sendable, Equatable {
    public let text: String
    public let pair: String?
    /// As written: a number's digits or a name.
    public let label: String?
    public let id: Int?
    /// The line on which the row starts, from 1.
    public let line: Int
  }

  /// How rows are written.
  public enum Format: String, Sendable, CaseIterable {
    case tsv, csv
    /// One object per line.
    case jsonl
    /// One text per line and nothing else: no header, no pair, no label.
    case lines

    /// By the ending of a file's name.
    init?(file: String) {
      switch file.lowercased().split(separator: ".").last {
      case "tsv": self = .tsv
      case "csv": self = .csv
      case "json", "jsonl": self = .jsonl
      default: return nil
      }
    }
  }

  /// The file, or in other words where the rows are from.
  public let file: String
  public let columns: ColumnMapping
  public let rows: [Row]

  /// Reads a file.
  ///
  /// - Parameter limit: only the first rows; the rest of the file is checked for UTF-8 alone.
  /// - Throws: `FileError` or `TableError`.
  public init(file: String, columns: ColumnMapping, limit: Int? = nil) throws {
    try self.init(file: file, content: try FileReader.bytes(of: file), columns: columns, limit: limit)
  }

  /// Texts, each alone or with its pair.
  public init(_ texts: [(text: String, pair: String?)], source: String) {
    file = source
    columns = ColumnMapping(text: "text", pair: "pair", label: nil)
    rows = texts.enumerated().map { Row(text: $1.text, pair: $1.pair, label: nil, id: nil, line: $0 + 1) }
  }

  /// Reads content that was a file's, in the format of the file's name.
  init(file: String, content: [UInt8], columns: ColumnMapping, limit: Int?) throws {
    guard let format = Format(file: file) else { throw TableError.unknownFormat(file: file) }
    try self.init(content, format: format, columns: columns, limit: limit, source: file)
  }

  /// Reads content that came some other way than as a file, such as from standard input.
  ///
  /// - Parameter source: stands for the file's name in errors.
  /// - Throws: `TableError`.
  public init(_ content: [UInt8], format: Format, columns: ColumnMapping, limit: Int? = nil, source file: String) throws
  {
    require(limit.map { $0 > 0 } ?? true, "a limit of \(limit ?? 0) rows")
    self.file = file
    self.columns = columns
    let start = content.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard content[start...].contains(where: { $0 != 0x20 && !(0x09...0x0D ~= $0) }) else {
      throw TableError.empty(file: file)
    }
    try Self.checkUTF8(content, file: file)
    let limit = limit ?? Int.max
    switch format {
    case .tsv:
      let reader = DelimitedReader(tabSeparated: content, from: start)
      rows = try Self.rows(reader, file: file, columns: columns, limit: limit)
    case .csv:
      let reader = DelimitedReader(commaSeparated: content, from: start)
      rows = try Self.rows(reader, file: file, columns: columns, limit: limit)
    case .jsonl:
      rows = try Self.rows(jsonLines: content[start...], file: file, columns: columns, limit: limit)
    case .lines:
      let lines = String(decoding: content[start...], as: UTF8.self).split(omittingEmptySubsequences: false) {
        $0 == "\n" || $0 == "\r\n"
      }
      rows = lines.enumerated().prefix(limit).compactMap { index, line in
        // A line's end ends the last line, and begins no other.
        index == lines.count - 1 && line.isEmpty
          ? nil : Row(text: String(line), pair: nil, label: nil, id: nil, line: index + 1)
      }
    }
    guard !rows.isEmpty else { throw TableError.noRows(file: file) }
  }

  /// The whole file is checked at once, because it is almost always right; only if not, the line is looked for.
  private static func checkUTF8(_ content: [UInt8], file: String) throws {
    guard String(validating: content, as: UTF8.self) == nil else { return }
    for (index, line) in content.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    where String(validating: line, as: UTF8.self) == nil {
      throw TableError.invalidUTF8(file: file, line: index + 1)
    }
  }
}

// MARK: - Comma- and tab-separated values

extension Table {
  private static func rows(
    _ reader: DelimitedReader, file: String, columns: ColumnMapping, limit: Int
  ) throws -> [Row] {
    var reader = reader
    var fields: [DelimitedField] = []
    func next() throws -> Int? {
      do { return try reader.next(into: &fields) } catch {
        throw TableError.malformed(file: file, line: error.line, reason: error.reason)
      }
    }
    guard try next() != nil else { throw TableError.empty(file: file) }
    let header = fields.map { reader.text(of: $0) }
    let indices = try columns.names.map { column in
      try column.map { name in
        guard let index = header.firstIndex(of: name) else {
          throw TableError.missingColumn(file: file, column: name, found: header)
        }
        return index
      }
    }
    var rows: [Row] = []
    while rows.count < limit, let line = try next() {
      // A blank line is no row, unless a blank is all that a row can be.
      if header.count > 1, fields.count == 1, fields[0].range.isEmpty, !fields[0].isQuoted { continue }
      guard fields.count == header.count else {
        throw TableError.columnCount(file: file, line: line, found: fields.count, expected: header.count)
      }
      let values = indices.map { $0.map { reader.text(of: fields[$0]) } }
      if let column = columns.label, values[2]?.isEmpty ?? true {
        throw TableError.missingLabel(file: file, line: line, column: column)
      }
      let id = try values[3].map { try Self.id($0, file: file, line: line, column: columns.id ?? "") }
      rows.append(Row(text: values[0] ?? "", pair: values[1], label: values[2], id: id, line: line))
    }
    return rows
  }

  fileprivate static func id(_ text: String, file: String, line: Int, column: String) throws -> Int {
    guard let id = Int(text) else {
      throw TableError.unusableValue(file: file, line: line, column: column, expected: "a whole number")
    }
    return id
  }
}

// MARK: - JSON lines

extension Table {
  private static func rows(
    jsonLines content: ArraySlice<UInt8>, file: String, columns: ColumnMapping, limit: Int
  ) throws -> [Row] {
    var rows: [Row] = []
    var start = content.startIndex
    var line = 0
    while start < content.endIndex, rows.count < limit {
      let end = content[start...].firstIndex(of: 0x0A) ?? content.endIndex
      line += 1
      if !content[start..<end].allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) {
        rows.append(try row(json: content[start..<end], file: file, line: line, columns: columns))
      }
      start = end + 1
    }
    return rows
  }

  private static func row(
    json: ArraySlice<UInt8>, file: String, line: Int, columns: ColumnMapping
  ) throws -> Row {
    let object: JSONValue
    do { object = try json.withUnsafeBufferPointer { buffer in try JSONParser.parse(buffer) } } catch {
      throw TableError.malformed(file: file, line: line, reason: "not JSON (\(error))")
    }
    guard case .object(let members) = object else {
      throw TableError.malformed(file: file, line: line, reason: "not a JSON object: one is needed per line")
    }
    func value(_ key: String) throws -> JSONValue {
      guard let value = object[key] else {
        throw TableError.missingKey(file: file, line: line, key: key, found: members.map(\.key))
      }
      return value
    }
    func text(_ key: String) throws -> String {
      guard case .string(let text) = try value(key) else {
        throw TableError.unusableValue(file: file, line: line, column: key, expected: "a string")
      }
      return text
    }
    let id = try columns.id.map { key in
      if case .integer(let id) = try value(key) { return id }
      return try Self.id(try text(key), file: file, line: line, column: key)
    }
    return Row(
      text: try text(columns.text), pair: try columns.pair.map(text),
      label: try columns.label.map { try label(object[$0], file: file, line: line, column: $0) }, id: id, line: line)
  }

  private static func label(_ value: JSONValue?, file: String, line: Int, column: String) throws -> String {
    switch value {
    case .string(let text) where !text.isEmpty: return text
    case .integer(let number): return String(number)
    case .number(let number): return Int(exactly: number).map(String.init) ?? String(number)
    case nil, .null, .string: throw TableError.missingLabel(file: file, line: line, column: column)
    case .boolean, .array, .object:
      throw TableError.unusableValue(file: file, line: line, column: column, expected: "a string or a number")
    }
  }
}
