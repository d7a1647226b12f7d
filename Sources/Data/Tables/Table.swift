import Support
import Tensors

/// The rows of a file, or of several, one behind the other: texts, labels as they are written, and ids.
///
/// Formats by the file's name: `.csv` (RFC 4180) and `.tsv`, `.json` and `.jsonl` with one object a line or an
/// array of objects, `.conll` with a word a line; each of them gzipped where `.gz` follows. Texts are kept as they are,
/// blanks at their ends included.
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
    /// The texts that the text is not like; missing ones are left out.
    public let negatives: [String]
    /// As written.
    public let id: String?
    /// The line on which the row starts, from 1; in several files, `Table.place(of:)` says in which.
    public let line: Int
    /// The Unicode scalars of the text that each of its words is, where the file gives them apart; else nil.
    public let words: [Range<Int>]?

    public init(
      text: String, pair: String? = nil, labels: [String] = [], options: [String] = [], negatives: [String] = [],
      id: String? = nil, line: Int, words: [Range<Int>]? = nil
    ) {
      (self.text, self.pair, self.labels, self.options, self.id, self.line) = (text, pair, labels, options, id, line)
      (self.negatives, self.words) = (negatives, words)
    }

    /// The cell of the only label column.
    public var label: String? { labels.first }
  }

  public typealias Format = TableFormat

  /// The file or files, or in other words where the rows are from.
  public let file: String
  public let columns: ColumnMapping
  public private(set) var rows: [Row]
  /// How quotes were read.
  public private(set) var quoting: Quoting
  /// Whether some cell of a label column is a list.
  public private(set) var hasLists: Bool
  let parts: TableParts

  /// Reads a file.
  ///
  /// - Parameter limit: only the first rows; of the rest of the file only the encoding and the quotes are looked at.
  /// - Throws: `FileError` or `TableError`.
  public init(
    file: String, columns: ColumnMapping, limit: Int? = nil, options: TableOptions = TableOptions()
  ) throws {
    try self.init(files: TableFiles(file), columns: columns, limit: limit, options: options)
  }

  /// Reads files that have the same columns.
  ///
  /// - Parameter limit: only the first rows of all files together.
  /// - Throws: `FileError` or `TableError`.
  public init(
    files: TableFiles, columns: ColumnMapping, limit: Int? = nil, options: TableOptions = TableOptions()
  ) throws {
    let contents = try files.paths().map {
      (file: $0, content: try ForeignFormat.content(of: $0, readsLines: options.readsLines))
    }
    try self.init(contents, of: files, columns: columns, limit: limit, options: options)
  }

  /// Texts, each alone or with its pair.
  public init(_ texts: [(text: String, pair: String?)], source: String) {
    file = source
    columns = ColumnMapping(text: "text", pair: "pair", label: nil)
    rows = texts.enumerated().map { Row(text: $1.text, pair: $1.pair, line: $0 + 1) }
    (quoting, hasLists, parts) = (.plain, false, TableParts([]))
  }

  /// Reads contents that were those of files, in the formats of the files' names.
  init(
    _ contents: [(file: String, content: [UInt8])], of files: TableFiles, columns: ColumnMapping, limit: Int?,
    options: TableOptions
  ) throws(TableError) {
    require(limit.map { $0 > 0 } ?? true, "a limit of \(limit ?? 0) rows")
    (self.columns, rows, quoting, hasLists, parts) = (columns, [], .plain, false, TableParts(contents))
    file = contents.count == 1 ? contents[0].file : files.description
    var first: (file: String, columns: [String])?
    for (index, (file, content)) in contents.enumerated() where rows.count < limit ?? .max {
      guard let format = TableFormat(file: file, readsLines: options.readsLines) else {
        preconditionFailure("\(file) is not a table, and was not refused")
      }
      let read = try Content(
        content, format: format, columns: columns, limit: (limit ?? .max) - rows.count, options: options, source: file,
        linesBefore: parts.linesBefore(index))
      if let columns = read.columns {
        try TableParts.checkColumns(columns, of: file, hasHeader: options.hasHeader, as: &first)
      }
      rows += read.rows
      if quoting == .plain { quoting = read.quoting }
      hasLists = hasLists || read.hasLists
    }
  }

  /// Reads content that came some other way than as a file, such as from standard input.
  ///
  /// - Parameter source: stands for the file's name in errors.
  public init(
    _ content: [UInt8], format: TableFormat, columns: ColumnMapping, limit: Int? = nil,
    options: TableOptions = TableOptions(), source file: String
  ) throws(TableError) {
    require(limit.map { $0 > 0 } ?? true, "a limit of \(limit ?? 0) rows")
    (self.file, self.columns, parts) = (file, columns, TableParts([]))
    let read = try Content(
      content, format: format, columns: columns, limit: limit ?? .max, options: options, source: file, linesBefore: 0)
    (rows, quoting, hasLists) = (read.rows, read.quoting, read.hasLists)
  }
}

extension Table {
  /// The file in which a row's line stands, and its line there.
  package func place(of line: Int) -> (file: String, line: Int) { parts.place(of: line) ?? (file, line) }

  /// The cells of its label columns.
  public var targetCells: TargetCells {
    TargetCells(
      file: file, columns: columns.labels, vocabulary: columns.vocabulary, lines: rows.map(\.line),
      cells: labelCells, hasLists: hasLists,
      optionCounts: columns.options.isEmpty ? nil : rows.map(\.options.count), parts: parts)
  }
}
