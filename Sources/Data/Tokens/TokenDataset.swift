import Text
import Tensors

/// Why a table cannot be tokenised.
public enum TokenDatasetError: Error, Equatable, CustomStringConvertible, Sendable {
  /// No room for the special tokens and one more.
  case maximumLength(Int)

  public var description: String {
    switch self {
    case .maximumLength(let length):
      "data.maximum_length: \(length) is below \(WordPieceTokenizer.shortestMaximumLength): "
        + "give a whole number from \(WordPieceTokenizer.shortestMaximumLength)"
    }
  }
}

/// The tokenised rows of a table, in flat memory.
public struct TokenDataset: Dataset {
  /// The file that was read.
  public let file: String
  /// How labels became classes; nil if the column mapping names no label.
  public let labelScheme: LabelScheme?
  /// Whether the rows came from the cache, without tokenising anything.
  public let isFromCache: Bool
  private let rows: TokenFile

  /// Tokenises a table, or takes its tokens from the cache.
  ///
  /// - Parameters:
  ///   - limit: only the first rows.
  ///   - maximumLength: tokens per row, special tokens included.
  ///   - labels: for training data the number of classes, for all other data the training data's scheme. Without
  ///     meaning if the mapping names no label column.
  ///   - cacheFolder: nil for no cache.
  /// - Throws: `FileError`, `TableError` or `TokenDatasetError`.
  public init(
    file: String, columns: ColumnMapping, limit: Int? = nil, tokenizer: WordPieceTokenizer, maximumLength: Int,
    labels: LabelSource, cacheFolder: String? = TokenCache.defaultFolder
  ) throws {
    guard maximumLength >= WordPieceTokenizer.shortestMaximumLength else {
      throw TokenDatasetError.maximumLength(maximumLength)
    }
    let content = try FileReader.bytes(of: file)
    let source = columns.label == nil ? nil : labels
    let key = TokenCacheKey(
      content: content, format: file.lowercased().split(separator: ".").last.map(String.init) ?? "", columns: columns,
      limit: limit, labels: source, tokenizer: tokenizer, maximumLength: maximumLength
    ).digest
    let cache = cacheFolder.map(TokenCache.init)
    let vocabularyCount = tokenizer.vocabulary.count
    self.file = file
    if let cached = cache?.load(key: key, vocabularyCount: vocabularyCount) {
      rows = cached
      isFromCache = true
    } else {
      let table = try Table(file: file, content: content, columns: columns, limit: limit)
      let scheme = try source?.scheme(for: table)
      let classes = try scheme?.classes(of: table) ?? [Int32](repeating: -1, count: table.rows.count)
      let tokens = Self.tokenize(table, tokenizer: tokenizer, maximumLength: maximumLength)
      let built = TokenFile(rows: tokens, labels: classes, labelScheme: scheme, key: key)
      // The mapped file is preferred to our own memory because all ranks of a host share its pages.
      let isStored = cache?.store(built, key: key) ?? false
      rows = (isStored ? cache?.load(key: key, vocabularyCount: vocabularyCount) : nil) ?? built
      isFromCache = false
    }
    labelScheme = rows.labelScheme
  }

  /// Tokenises rows for prediction: they have no labels, and nothing is cached.
  /// - Throws: `TokenDatasetError`.
  public init(_ table: Table, tokenizer: WordPieceTokenizer, maximumLength: Int) throws(TokenDatasetError) {
    guard maximumLength >= WordPieceTokenizer.shortestMaximumLength else {
      throw TokenDatasetError.maximumLength(maximumLength)
    }
    file = table.file
    labelScheme = nil
    isFromCache = false
    rows = TokenFile(
      rows: Self.tokenize(table, tokenizer: tokenizer, maximumLength: maximumLength),
      labels: [Int32](repeating: -1, count: table.rows.count), labelScheme: nil, key: [])
  }

  private static func tokenize(_ table: Table, tokenizer: WordPieceTokenizer, maximumLength: Int) -> TokenRows {
    var rows = TokenRows()
    for (index, row) in table.rows.enumerated() {
      let encoding = tokenizer.encode(row.text, pair: row.pair, maximumLength: maximumLength)
      rows.tokens += encoding.ids
      rows.offsets.append(Int64(rows.tokens.count))
      rows.pairStarts.append(Int32(encoding.typeIDs.firstIndex(of: 1) ?? encoding.ids.count))
      rows.sampleIDs.append(Int64(row.id ?? index))
    }
    return rows
  }

  /// The names of the classes, or nil where labels are numbers.
  public var labelNames: [String]? { labelScheme?.names }

  public var rowCount: Int { rows.layout.rowCount }

  public func length(_ row: Int) -> Int { Int(rows.offsets[row + 1] - rows.offsets[row]) }

  public func label(_ row: Int) -> Int32 { rows.labels[row] }

  public func sampleID(_ row: Int) -> Int { Int(rows.sampleIDs[row]) }

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
