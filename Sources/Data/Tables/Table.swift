import Support
import Tensors

/// The rows of a file: texts, labels as they are written, and ids.
///
/// Formats by the file's name: `.csv` (RFC 4180) and `.tsv` with a header, `.json` and `.jsonl` with one object a line or an
/// array of objects. Texts are kept as they are, blanks at their ends included.
public struct Table: Sendable {
  /// One row.
  public struct Row: Sendable, Equatable {
    public let text: String
    public let pair: String?
    /// The cells of the label columns as written, a number's digits or a name; empty where a row of several has none, and
    /// JSON where a cell is a list.
    public let labels: [String]
    /// The answers among which one is right; missing ones are left out.
    public let options: [String]
    /// As written.
    public let id: String?
    /// The line on which the row starts, from 1.
    public let line: Int

    public init(
      text: String, pair: String? = nil, labels: [String] = [], options: [String] = [], id: String? = nil, line: Int
    ) {
      (self.text, self.pair, self.labels, self.options, self.id, self.line) = (text, pair, labels, options, id, line)
    }

    /// The cell of the only label column.
    public var label: String? { labels.first }
  }

  /// How rows are written.
  public enum Format: String, Sendable, CaseIterable {
    case tsv, csv
    /// One object a line, or an array of objects.
    case jsonl
    /// One text a line and nothing else: no header, no pair, no label.
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
  /// How quotes were read.
  public let quoting: Quoting
  /// Whether some cell of a label column is a list.
  public let hasLists: Bool

  /// Reads a file.
  ///
  /// - Parameter limit: only the first rows; of the rest of the file only the encoding and the quotes are looked at.
  /// - Throws: `FileError` or `TableError`.
  public init(
    file: String, columns: ColumnMapping, limit: Int? = nil, options: TableOptions = TableOptions()
  ) throws {
    try self.init(
      file: file, content: try ForeignFormat.content(of: file), columns: columns, limit: limit, options: options)
  }

  /// Texts, each alone or with its pair.
  public init(_ texts: [(text: String, pair: String?)], source: String) {
    file = source
    columns = ColumnMapping(text: "text", pair: "pair", label: nil)
    rows = texts.enumerated().map { Row(text: $1.text, pair: $1.pair, line: $0 + 1) }
    (quoting, hasLists) = (.plain, false)
  }

  /// Reads content that was a file's, in the format of the file's name.
  init(
    file: String, content: [UInt8], columns: ColumnMapping, limit: Int?, options: TableOptions
  ) throws(TableError) {
    guard let format = Format(file: file) else {
      preconditionFailure("\(file) is not a table, and was not refused")
    }
    try self.init(content, format: format, columns: columns, limit: limit, options: options, source: file)
  }

  /// Reads content that came some other way than as a file, such as from standard input.
  ///
  /// - Parameter source: stands for the file's name in errors.
  public init(
    _ content: [UInt8], format: Format, columns: ColumnMapping, limit: Int? = nil,
    options: TableOptions = TableOptions(), source file: String
  ) throws(TableError) {
    require(limit.map { $0 > 0 } ?? true, "a limit of \(limit ?? 0) rows")
    (self.file, self.columns) = (file, columns)
    let content = try Self.text(content, file: file, options: options, columns.vocabulary)
    let limit = limit ?? Int.max
    switch format {
    case .tsv, .csv:
      let read = try DelimitedRows(
        content, isTabSeparated: format == .tsv, file: file, columns: columns, limit: limit, quotes: options.quotes)
      (rows, quoting, hasLists) = (read.rows, read.quoting, false)
    case .jsonl:
      let read = try JSONRows(file: file, columns: columns).rows(content, limit: limit)
      (rows, quoting, hasLists) = (read.rows, .plain, read.hasLists)
    case .lines: (rows, quoting, hasLists) = (Self.lines(content, limit: limit), .plain, false)
    }
    guard !rows.isEmpty else { throw .noRows(file) }
  }

  /// The content in UTF-8, without a byte order mark, with line feeds at the ends of its lines.
  private static func text(
    _ content: [UInt8], file: String, options: TableOptions, _ words: ColumnVocabulary
  ) throws(TableError) -> [UInt8] {
    func line(of offset: Int, in bytes: [UInt8]) -> Int { 1 + bytes[..<offset].count { $0 == 0x0A } }
    var text: [UInt8]
    do throws(TextEncoding.Failure) { text = try options.encoding.decode(content) } catch {
      if options.encoding == .utf8, let zero = content.firstIndex(of: 0) {
        throw .zeroByte(file, line: line(of: zero, in: content), words)
      }
      let place = if case .invalid(let offset) = error { line(of: min(offset, content.count), in: content) } else { 1 }
      throw .encoding(file, line: place, error, options.encoding, words)
    }
    guard text.contains(where: { $0 != 0x20 && !(0x09...0x0D ~= $0) }) else { throw .empty(file) }
    if let zero = text.firstIndex(of: 0) { throw .zeroByte(file, line: line(of: zero, in: text), words) }
    // Carriage returns alone end the lines of old spreadsheets.
    if !text.contains(0x0A), text.contains(0x0D) { text = text.map { $0 == 0x0D ? 0x0A : $0 } }
    return text
  }

  private static func lines(_ content: [UInt8], limit: Int) -> [Row] {
    let lines = String(decoding: content, as: UTF8.self).split(omittingEmptySubsequences: false) {
      $0 == "\n" || $0 == "\r\n"
    }
    return lines.enumerated().prefix(limit).compactMap { index, line in
      // A line's end ends the last line, and begins no other.
      index == lines.count - 1 && line.isEmpty
        ? nil : Row(text: String(line), line: index + 1)
    }
  }
}
