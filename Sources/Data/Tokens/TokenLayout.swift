/// Where the parts of a token file stand: header, offsets, sample ids, hashes, offsets of the ids, tokens, pair starts,
/// labels, names, ids.
///
/// All numbers are in the byte order of the machine: the file is a cache of this machine, not a format of exchange.
struct TokenLayout: Equatable {
  /// Magic, version, the numbers below, key and checksum, in whole cache lines.
  static let headerSize = 192
  static let keyOffset = 104
  static let checksumOffset = 136
  static let digestSize = 32
  static let magic: UInt64 = 0x6E65_6B6F_7473_6B6C
  static let version: UInt64 = 3

  var rowCount: Int
  var tokenCount: Int
  var classes = 0
  /// Bytes of the names of the classes.
  var namesSize = 0
  /// What the labels of the table are: `TokenFile` gives the numbers their meaning.
  var labelKind = 0
  /// Bytes of the ids of the rows, or nil where the table has none.
  var idsSize: Int?
  /// Rows that are longer than the maximum length.
  var cutRows = 0
  /// Rows with an empty text.
  var emptyRows = 0
  /// How quotes were read: `TokenFile` gives the number its meaning.
  var quoting = 0

  var offsets: Int { Self.headerSize }
  var sampleIDs: Int { offsets + 8 * (rowCount + 1) }
  var hashes: Int { sampleIDs + 8 * rowCount }
  var idOffsets: Int { hashes + 8 * rowCount }
  var tokens: Int { idOffsets + (idsSize == nil ? 0 : 8 * (rowCount + 1)) }
  var pairStarts: Int { tokens + 4 * tokenCount }
  var labels: Int { pairStarts + 4 * rowCount }
  var names: Int { labels + 4 * rowCount }
  var ids: Int { names + namesSize }
  var size: Int { ids + (idsSize ?? 0) }

  init(rowCount: Int, tokenCount: Int) {
    self.rowCount = rowCount
    self.tokenCount = tokenCount
  }

  /// The layout that a header claims, or nil if it is not one of ours, of this version and of this size.
  init?(header bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.headerSize else { return nil }
    let numbers = (0..<13).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    guard numbers[0] == Self.magic, numbers[1] == Self.version else { return nil }
    // What takes room in the file cannot exceed its size, so that none of the sums above can overflow.
    guard [2, 3, 5, 8, 9, 10].allSatisfy({ numbers[$0] <= UInt64(bytes.count) }), numbers[4] <= 1 << 31,
      numbers[6] <= 8, numbers[7] <= 1, numbers[11] <= 8
    else { return nil }
    self.init(rowCount: Int(numbers[2]), tokenCount: Int(numbers[3]))
    (classes, namesSize, labelKind) = (Int(numbers[4]), Int(numbers[5]), Int(numbers[6]))
    idsSize = numbers[7] == 1 ? Int(numbers[8]) : nil
    (cutRows, emptyRows, quoting) = (Int(numbers[9]), Int(numbers[10]), Int(numbers[11]))
    guard size == bytes.count else { return nil }
  }

  /// Writes the header but for key and checksum.
  func writeHeader(to bytes: UnsafeMutableRawBufferPointer) {
    let numbers = [
      rowCount, tokenCount, classes, namesSize, labelKind, idsSize == nil ? 0 : 1, idsSize ?? 0, cutRows, emptyRows,
      quoting, 0,
    ]
    for (index, number) in ([Self.magic, Self.version] + numbers.map { UInt64($0) }).enumerated() {
      bytes.storeBytes(of: number, toByteOffset: 8 * index, as: UInt64.self)
    }
  }
}
