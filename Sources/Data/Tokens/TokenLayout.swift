/// Where the parts of a token file stand: header, offsets of the sequences, sequences of the rows, sample ids, hashes, lines,
/// offsets of the ids, offsets of the cells, offsets of the words, offsets of the texts, tokens, pair starts, places of the
/// words, cells, ids, texts.
///
/// All numbers are in the byte order of the machine: the file is a cache of this machine, not a format of exchange.
struct TokenLayout: Equatable {
  /// Magic, version, the numbers below, key and checksum, in whole cache lines.
  static let headerSize = 192
  static let keyOffset = 128
  static let checksumOffset = 160
  static let digestSize = 32
  static let magic: UInt64 = 0x6E65_6B6F_7473_6B6C
  static let version: UInt64 = 6

  var rowCount: Int
  var tokenCount: Int
  /// Texts that the encoder reads: one or more a row.
  var sequenceCount: Int
  /// Label columns.
  var columnCount = 0
  /// Bytes of the cells of the label columns.
  var cellsSize = 0
  /// Whether some cell is a list.
  var hasLists = false
  /// Bytes of the ids of the rows, or nil where the table has none.
  var idsSize: Int?
  /// Rows that are longer than the maximum length.
  var cutRows = 0
  /// Rows with an empty text.
  var emptyRows = 0
  /// How quotes were read: `TokenFile` gives the number its meaning.
  var quoting = 0
  /// Words that are labelled one by one, or nil where rows are.
  var wordCount: Int?
  /// Bytes of the texts of the rows, where words are labelled.
  var textsSize: Int?

  var offsets: Int { Self.headerSize }
  var sequences: Int { offsets + 8 * (sequenceCount + 1) }
  var sampleIDs: Int { sequences + 8 * (rowCount + 1) }
  var hashes: Int { sampleIDs + 8 * rowCount }
  var lines: Int { hashes + 8 * rowCount }
  var idOffsets: Int { lines + 8 * rowCount }
  var cellOffsets: Int { idOffsets + (idsSize == nil ? 0 : 8 * (rowCount + 1)) }
  var wordOffsets: Int { cellOffsets + 8 * (rowCount * columnCount + 1) }
  var textOffsets: Int { wordOffsets + (wordCount == nil ? 0 : 8 * (rowCount + 1)) }
  var tokens: Int { textOffsets + (wordCount == nil ? 0 : 8 * (rowCount + 1)) }
  var pairStarts: Int { tokens + 4 * tokenCount }
  var wordPlaces: Int { pairStarts + 4 * sequenceCount }
  var cells: Int { wordPlaces + 4 * TokenWords.fields * (wordCount ?? 0) }
  var ids: Int { cells + cellsSize }
  var texts: Int { ids + (idsSize ?? 0) }
  var size: Int { texts + (textsSize ?? 0) }

  init(rowCount: Int, tokenCount: Int, sequenceCount: Int) {
    (self.rowCount, self.tokenCount, self.sequenceCount) = (rowCount, tokenCount, sequenceCount)
  }

  /// The layout that a header claims, or nil if it is not one of ours, of this version and of this size.
  init?(header bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.headerSize else { return nil }
    let numbers = (0..<16).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    guard numbers[0] == Self.magic, numbers[1] == Self.version else { return nil }
    // What takes room in the file cannot exceed its size, so that none of the sums above can overflow.
    guard [2, 3, 4, 5, 6, 9, 10, 11, 14, 15].allSatisfy({ numbers[$0] <= UInt64(bytes.count) }),
      numbers[5] <= UInt64(bytes.count) / max(1, numbers[2]), numbers[7] <= 1, numbers[8] <= 1, numbers[12] <= 8,
      numbers[13] <= 1
    else { return nil }
    self.init(rowCount: Int(numbers[2]), tokenCount: Int(numbers[3]), sequenceCount: Int(numbers[4]))
    (columnCount, cellsSize, hasLists) = (Int(numbers[5]), Int(numbers[6]), numbers[7] == 1)
    idsSize = numbers[8] == 1 ? Int(numbers[9]) : nil
    (cutRows, emptyRows, quoting) = (Int(numbers[10]), Int(numbers[11]), Int(numbers[12]))
    (wordCount, textsSize) = numbers[13] == 1 ? (Int(numbers[14]), Int(numbers[15])) : (nil, nil)
    guard size == bytes.count else { return nil }
  }

  /// Writes the header but for key and checksum.
  func writeHeader(to bytes: UnsafeMutableRawBufferPointer) {
    let numbers = [
      rowCount, tokenCount, sequenceCount, columnCount, cellsSize, hasLists ? 1 : 0, idsSize == nil ? 0 : 1,
      idsSize ?? 0, cutRows, emptyRows, quoting, wordCount == nil ? 0 : 1, wordCount ?? 0, textsSize ?? 0,
    ]
    for (index, number) in ([Self.magic, Self.version] + numbers.map { UInt64($0) }).enumerated() {
      bytes.storeBytes(of: number, toByteOffset: 8 * index, as: UInt64.self)
    }
  }
}
