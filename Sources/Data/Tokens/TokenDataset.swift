import Support
import Text
import Tensors

/// Which text of a row loses tokens where it is too long.
public typealias TruncationStrategy = Truncation.Strategy

/// The end at which it loses them.
public typealias TruncationSide = Truncation.Side

/// Why a table cannot be tokenised.
public enum TokenDatasetError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  /// No room for the special tokens and one more.
  case maximumLength(Int, shortest: Int)
  /// A row whose text that is to lose tokens has too few.
  case truncation(file: String, line: Int, TruncationError)

  public var exitClass: ExitClass { .wrongInput }

  public var description: String {
    switch self {
    case .maximumLength(let length, let shortest):
      "data.maximum_length: \(length) is below \(shortest): give a whole number from \(shortest)"
    case .truncation(let file, let line, let error): "\(file), line \(line): \(error)"
    }
  }
}

/// The tokenised rows of a table, in flat memory.
public struct TokenDataset: Dataset {
  /// The file that was read.
  public let file: String
  /// How labels became classes; nil if the column mapping names no label.
  public private(set) var labelScheme: LabelScheme?
  /// Whether the rows came from the cache, without tokenising anything.
  public let isFromCache: Bool
  private let rows: TokenFile
  /// The class of each class of the file, where they have another order than there.
  private var order: [Int32]?

  /// How a table is tokenised, and where its tokens are kept.
  public struct Settings: Sendable {
    public var tokenizer: any Tokenizer
    /// Tokens of a row, special tokens included.
    public var maximumLength: Int
    public var options = TableOptions()
    /// Nil for no cache.
    public var cacheFolder: String? = TokenCache.defaultFolder
    /// Whether the rows are tokenised in any case, and the cache is written anew.
    public var refreshesCache = false

    public init(tokenizer: any Tokenizer, maximumLength: Int) {
      self.tokenizer = tokenizer
      self.maximumLength = maximumLength
    }
  }

  /// Tokenises a table of one file, or takes its tokens from the cache.
  /// - Throws: `FileError`, `TableError` or `TokenDatasetError`.
  public init(
    file: String, columns: ColumnMapping, limit: Int? = nil, labels: LabelSource, settings: Settings
  ) throws {
    try self.init(files: TableFiles(file), columns: columns, limit: limit, labels: labels, settings: settings)
  }

  /// Tokenises a table, or takes its tokens from the cache.
  ///
  /// - Parameters:
  ///   - limit: only the first rows.
  ///   - labels: without meaning if the mapping names no label column.
  /// - Throws: `FileError`, `TableError` or `TokenDatasetError`.
  public init(
    files: TableFiles, columns: ColumnMapping, limit: Int? = nil, labels: LabelSource, settings: Settings
  ) throws {
    let (tokenizer, maximumLength) = (settings.tokenizer, settings.maximumLength)
    guard maximumLength >= tokenizer.shortestMaximumLength else {
      throw TokenDatasetError.maximumLength(maximumLength, shortest: tokenizer.shortestMaximumLength)
    }
    if let again = columns.again {
      throw TableError(
        file: files.description, problem: "\(again) names the column \(quoted(columns.text)), which is the text",
        remedy: "name another column")
    }
    let contents = try files.paths().map { (file: $0, content: try ForeignFormat.content(of: $0)) }
    let source = columns.label == nil ? nil : labels
    let key = TokenCacheKey(
      contents: contents.map { (Table.Format(file: $0.file)?.rawValue ?? "", $0.content) }, columns: columns,
      limit: limit,
      labels: source, options: settings.options, tokenizer: tokenizer, maximumLength: maximumLength
    ).digest
    let cache = settings.cacheFolder.map(TokenCache.init)
    let vocabularyCount = tokenizer.tokenCount
    file = contents.count == 1 ? contents[0].file : files.description
    if !settings.refreshesCache, let cached = cache?.load(key: key, vocabularyCount: vocabularyCount) {
      rows = cached
      isFromCache = true
    } else {
      let table = try Table(contents, of: files, columns: columns, limit: limit, options: settings.options)
      let (scheme, classes) = try Self.labels(of: table, source)
      let built = TokenFile(
        rows: try TokenRows(table, tokenizer: tokenizer, maximumLength: maximumLength), labels: classes,
        labelScheme: scheme, key: key)
      // The mapped file is preferred to our own memory because all ranks of a host share its pages.
      let isStored = cache?.store(built, key: key) ?? false
      rows = (isStored ? cache?.load(key: key, vocabularyCount: vocabularyCount) : nil) ?? built
      isFromCache = false
    }
    labelScheme = rows.labelScheme
  }

  /// How labels become classes, and the class of every row.
  private static func labels(of table: Table, _ source: LabelSource?) throws(TableError) -> (LabelScheme?, [Int32]) {
    do throws(TableError) {
      let scheme = try source?.scheme(for: table)
      return (scheme, try scheme?.classes(of: table) ?? [Int32](repeating: -1, count: table.rows.count))
    } catch { throw table.parts.located(error) }
  }

  /// Tokenises rows for prediction: they have no labels, and nothing is cached.
  /// - Throws: `TokenDatasetError`.
  public init(_ table: Table, tokenizer: any Tokenizer, maximumLength: Int) throws(TokenDatasetError) {
    guard maximumLength >= tokenizer.shortestMaximumLength else {
      throw TokenDatasetError.maximumLength(maximumLength, shortest: tokenizer.shortestMaximumLength)
    }
    file = table.file
    labelScheme = nil
    isFromCache = false
    rows = TokenFile(
      rows: try TokenRows(table, tokenizer: tokenizer, maximumLength: maximumLength),
      labels: [Int32](repeating: -1, count: table.rows.count), labelScheme: nil, key: [])
  }

  /// The same rows with their classes in the order of another scheme.
  ///
  /// - Parameter order: the other scheme's class of each class of this one.
  public func ordered(as scheme: LabelScheme, _ order: [Int32]) -> TokenDataset {
    precondition(order.count == labelScheme?.classes, "\(order.count) classes in an order of another number")
    var dataset = self
    dataset.order = self.order.map { $0.map { order[Int($0)] } } ?? order
    dataset.labelScheme = scheme
    return dataset
  }

  /// The names of the classes, or nil where labels are numbers.
  public var labelNames: [String]? { labelScheme?.names }

  /// Rows that are longer than the maximum length, so that their ends are cut off.
  public var cutRows: Int { rows.layout.cutRows }

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

  public func length(_ row: Int) -> Int { Int(rows.offsets[row + 1] - rows.offsets[row]) }

  public func label(_ row: Int) -> Int32 {
    let label = rows.labels[row]
    guard let order, label >= 0 else { return label }
    return order[Int(label)]
  }

  public func sampleID(_ row: Int) -> Int { Int(rows.sampleIDs[row]) }

  public func rowID(_ row: Int) -> String { rows.id(row) ?? String(row) }

  /// The ids of a row; valid as long as the dataset is.
  public func tokens(_ row: Int) -> UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(rebasing: rows.tokens[Int(rows.offsets[row])..<Int(rows.offsets[row + 1])])
  }

  /// Where in a row the second segment starts; the row's length if it has none.
  public func pairStart(_ row: Int) -> Int { Int(rows.pairStarts[row]) }

  public func microbatch(rows selected: [Int], positions: Range<Int>) -> Microbatch {
    require(selected.count == positions.count, "\(selected.count) rows for the positions \(positions)")
    let total = selected.reduce(0) { $0 + length($1) }
    var batch = TokenBatch(ids: [], typeIDs: [], positions: [], offsets: [0])
    batch.ids.reserveCapacity(total)
    batch.typeIDs.reserveCapacity(total)
    batch.positions.reserveCapacity(total)
    for row in selected {
      let (length, pairStart) = (length(row), pairStart(row))
      batch.ids.append(contentsOf: tokens(row))
      batch.typeIDs.append(contentsOf: repeatElement(0, count: pairStart))
      batch.typeIDs.append(contentsOf: repeatElement(1, count: length - pairStart))
      batch.positions.append(contentsOf: 0..<Int32(length))
      batch.offsets.append(Int32(batch.ids.count))
    }
    return Microbatch(
      input: .tokens(batch), labels: selected.map(label), rows: positions.map(Int32.init),
      sampleIDs: selected.map(sampleID))
  }
}
