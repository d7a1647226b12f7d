import Support
import Text
import Tensors

/// Which text of a row loses tokens where it is too long.
public typealias TruncationStrategy = Truncation.Strategy

/// The end at which it loses them.
public typealias TruncationSide = Truncation.Side

/// The tokenised rows of a table, in flat memory.
public struct TokenDataset: CellRows {
  /// The file that was read.
  public let file: String
  /// How labels became classes; nil where they did not, or where there are none.
  public private(set) var labelScheme: LabelScheme?
  /// The label columns as they are written.
  public let targetCells: TargetCells
  /// Whether the rows came from the cache, without tokenising anything.
  public let isFromCache: Bool
  let rows: TokenFile
  private var targets: Targets?
  /// Whether every token of a word has its target, and not the first alone.
  var labelsPieces = false
  /// Whether all tokens have scores, and not those alone that have a target.
  var scoresAllTokens = false
  /// The most sequences of a row.
  let mostSequences: Int
  /// Whether a row's sequences are windows of it.
  let areWindows: Bool
  /// How a row's texts are read.
  public let layout: RowLayout

  /// A maximum length that cuts no text.
  public static let wholeTexts = 1 << 30

  /// How a table is tokenised, and where its tokens are kept.
  public struct Settings: Sendable {
    public var tokenizer: any Tokenizer
    /// Tokens of a row, special tokens included.
    public var maximumLength: Int
    public var options = TableOptions()
    public var layout = RowLayout.joined
    /// Of rows that are longer, in a layout that takes windows; nil where they are cut.
    public var windows: RowWindows?
    /// Nil for no cache.
    public var cacheFolder: String? = TokenCache.defaultFolder
    /// Whether the rows are tokenised in any case, and the cache is written anew.
    public var refreshesCache = false

    public init(tokenizer: any Tokenizer, maximumLength: Int) {
      self.tokenizer = tokenizer
      self.maximumLength = maximumLength
    }
  }

  /// Tokenises a table of one file, or takes its tokens from the cache; the rows have no targets yet.
  /// - Throws: `FileError`, `TableError` or `TokenDatasetError`.
  public init(file: String, columns: ColumnMapping, limit: Int? = nil, settings: Settings) throws {
    try self.init(files: TableFiles(file), columns: columns, limit: limit, settings: settings)
  }

  /// Tokenises a table, or takes its tokens from the cache; the rows have no targets yet.
  ///
  /// - Parameter limit: only the first rows.
  /// - Throws: `FileError`, `TableError` or `TokenDatasetError`.
  public init(files: TableFiles, columns: ColumnMapping, limit: Int? = nil, settings: Settings) throws {
    let (tokenizer, maximumLength) = (settings.tokenizer, settings.maximumLength)
    guard maximumLength >= tokenizer.shortestMaximumLength else {
      throw TokenDatasetError.maximumLength(maximumLength, shortest: tokenizer.shortestMaximumLength)
    }
    if let again = columns.again {
      throw TableError(
        file: files.description, problem: "\(again) names the column \(quoted(columns.text)), which is the text",
        remedy: "name another column")
    }
    let contents = try files.paths().map {
      (file: $0, content: try ForeignFormat.content(of: $0, readsLines: settings.options.readsLines))
    }
    let windows = settings.windows ?? settings.layout.usualWindows(maximumLength)
    let key = TokenCacheKey(
      contents: contents.map {
        (TableFormat(file: $0.file, readsLines: settings.options.readsLines)?.rawValue ?? "", $0.content)
      }, columns: columns,
      limit: limit, options: settings.options, layout: settings.layout, windows: settings.windows,
      tokenizer: tokenizer, maximumLength: maximumLength
    ).digest
    let cache = settings.cacheFolder.map(TokenCache.init)
    let vocabularyCount = tokenizer.tokenCount
    file = contents.count == 1 ? contents[0].file : files.description
    if !settings.refreshesCache, let cached = cache?.load(key: key, vocabularyCount: vocabularyCount) {
      rows = cached
      isFromCache = true
    } else {
      let table = try Table(
        contents, of: files, columns: columns, limit: limit, options: settings.options.reading(settings.layout))
      let built = TokenFile(
        rows: try TokenRows(
          table, tokenizer: tokenizer, maximumLength: maximumLength, layout: settings.layout, windows: windows),
        key: key)
      // The mapped file is preferred to our own memory because all ranks of a host share its pages.
      let isStored = cache?.store(built, key: key) ?? false
      rows = (isStored ? cache?.load(key: key, vocabularyCount: vocabularyCount) : nil) ?? built
      isFromCache = false
    }
    areWindows = windows != nil
    layout = settings.layout
    (targetCells, mostSequences) = (
      Self.cells(of: rows, file: file, columns, TableParts(contents)), rows.mostSequences
    )
  }

  /// Tokenises a table, or takes its tokens from the cache, and makes classes of its labels.
  ///
  /// - Parameter labels: without meaning if the mapping names no label column.
  /// - Throws: `FileError`, `TableError` or `TokenDatasetError`.
  public init(
    files: TableFiles, columns: ColumnMapping, limit: Int? = nil, labels: LabelSource, settings: Settings
  ) throws {
    try self.init(files: files, columns: columns, limit: limit, settings: settings)
    guard columns.label != nil else { return }
    let scheme = try labels.scheme(for: targetCells)
    targets = Targets(classes: try scheme.classes(of: targetCells))
    labelScheme = scheme
  }

  /// Tokenises a table of one file, and makes classes of its labels.
  /// - Throws: `FileError`, `TableError` or `TokenDatasetError`.
  public init(
    file: String, columns: ColumnMapping, limit: Int? = nil, labels: LabelSource, settings: Settings
  ) throws {
    try self.init(files: TableFiles(file), columns: columns, limit: limit, labels: labels, settings: settings)
  }

  /// Tokenises rows for prediction: they have no targets, and nothing is cached.
  /// - Throws: `TokenDatasetError`.
  public init(
    _ table: Table, tokenizer: any Tokenizer, maximumLength: Int, layout: RowLayout = .joined,
    windows: RowWindows? = nil
  ) throws(TokenDatasetError) {
    guard maximumLength >= tokenizer.shortestMaximumLength else {
      throw TokenDatasetError.maximumLength(maximumLength, shortest: tokenizer.shortestMaximumLength)
    }
    file = table.file
    isFromCache = false
    let windows = windows ?? layout.usualWindows(maximumLength)
    areWindows = windows != nil
    self.layout = layout
    rows = TokenFile(
      rows: try TokenRows(
        table, tokenizer: tokenizer, maximumLength: maximumLength, layout: layout, windows: windows), key: [])
    (targetCells, mostSequences) = (
      Self.cells(of: rows, file: table.file, table.columns, table.parts), rows.mostSequences
    )
  }

  private static func cells(
    of rows: TokenFile, file: String, _ columns: ColumnMapping, _ parts: TableParts
  ) -> TargetCells {
    let sequences = rows.sequences
    return TargetCells(
      file: file, columns: columns.labels, vocabulary: columns.vocabulary, lines: rows.lines.map { Int($0) },
      cells: rows.cells, hasLists: rows.layout.hasLists,
      optionCounts: columns.options.isEmpty
        ? nil : sequences.indices.dropLast().map { Int(sequences[$0 + 1] - sequences[$0]) },
      words: rows.layout.wordCount.map { _ in
        RowWordsList(count: rows.layout.rowCount) { row in
          guard let words = rows.words(row) else { preconditionFailure("rows of words without words") }
          return words
        }
      }, parts: parts, ids: rows.id)
  }

  /// The same rows with these targets.
  public func with(_ targets: Targets) -> TokenDataset {
    precondition(targets.rowCount == rowCount, "targets of \(targets.rowCount) rows for \(rowCount)")
    var dataset = self
    dataset.targets = targets
    return dataset
  }

  /// The names of the classes, or nil where labels are numbers.
  public var labelNames: [String]? { labelScheme?.names }

  /// Rows that are longer than the maximum length, so that their ends are cut off.
  public var cutRows: Int { rows.layout.cutRows }

  /// Whether a row's sequences are windows of it, and have one score together.
  var averagesWindows: Bool { areWindows && layout.averagesWindows }

  /// Windows that a row is read in; 1 where it is not longer than the maximum length, or is cut.
  public func windows(_ row: Int) -> Int { areWindows ? sequences(row).count : 1 }

  /// Rows of several windows.
  public var windowedRows: Int { mostWindows == 1 ? 0 : (0..<rowCount).count { windows($0) > 1 } }

  /// The most windows of a row.
  public var mostWindows: Int { areWindows ? mostSequences : 1 }

  /// Rows whose text, or whose pair, is empty.
  public var emptyRows: Int { rows.layout.emptyRows }

  /// How quotes were read.
  public var quoting: Quoting { rows.quoting }

  /// Rows with a text and a pair that another table has, too.
  public func rowsShared(with other: TokenDataset) -> Int {
    let known = Set(other.rows.hashes)
    return rows.hashes.count { known.contains($0) }
  }

  /// Some of these rows with a text and a pair that others of them have, too.
  public func rowsShared(_ selected: [Int], with others: [Int]) -> Int {
    let hashes = rows.hashes
    let known = Set(others.map { hashes[$0] })
    return selected.count { known.contains(hashes[$0]) }
  }

  public var rowCount: Int { rows.layout.rowCount }

  public func length(_ row: Int) -> Int { tokens(row).count }

  public func targets(_ row: Int) -> [Float] {
    guard let own = targets?[row] else { return [] }
    return scoresAllTokens || labelsPieces ? spread(own, over: row) : Array(own)
  }

  public func words(_ row: Int) -> RowWords? { rows.words(row) }

  public func weight(_ row: Int) -> Float {
    labelsPieces ? Float(targets(row).count { !$0.isNaN }) : targets?.weights?[row] ?? 1
  }

  public func sampleID(_ row: Int) -> Int { Int(rows.sampleIDs[row]) }

  public func rowID(_ row: Int) -> String { rows.id(row) ?? String(row) }

  /// The ids of a row's sequences; valid as long as the dataset is.
  public func tokens(_ row: Int) -> UnsafeBufferPointer<Int32> {
    let sequences = sequences(row)
    return UnsafeBufferPointer(
      rebasing: rows.tokens[Int(rows.offsets[sequences.lowerBound])..<Int(rows.offsets[sequences.upperBound])])
  }

  /// Where in a row the second segment starts, of several sequences in the first; its length if it has none.
  public func pairStart(_ row: Int) -> Int { Int(rows.pairStarts[sequences(row).lowerBound]) }

  func sequences(_ row: Int) -> Range<Int> { Int(rows.sequences[row])..<Int(rows.sequences[row + 1]) }
}
