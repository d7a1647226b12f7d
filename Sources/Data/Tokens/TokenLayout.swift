/// Where the parts of a token file stand: header, offsets, sample ids, tokens, pair starts, labels, names.
///
/// All numbers are in the byte order of the machine: the file is a cache of this machine, not a format of exchange.
struct TokenLayout: Equatable {
  /// Magic, version, the four counts below, whether labels are names, key and checksum, in whole cache lines.
  static let headerSize = 128
  static let keyOffset = 56
  static let checksumOffset = 88
  static let digestSize = 32
  static let magic: UInt64 = 0x6E65_6B6F_7473_6B6C
  static let version: UInt64 = 2

  let rowCount: Int
  let tokenCount: Int
  let classes: Int
  let namesSize: Int

  var offsets: Int { Self.headerSize }
  var sampleIDs: Int { offsets + 8 * (rowCount + 1) }
  var tokens: Int { sampleIDs + 8 * rowCount }
  var pairStarts: Int { tokens + 4 * tokenCount }
  var labels: Int { pairStarts + 4 * rowCount }
  var names: Int { labels + 4 * rowCount }
  var size: Int { names + namesSize }

  init(rowCount: Int, tokenCount: Int, classes: Int, namesSize: Int) {
    self.rowCount = rowCount
    self.tokenCount = tokenCount
    self.classes = classes
    self.namesSize = namesSize
  }

  /// The layout that a header claims, or nil if it is not one of ours, of this version and of this size.
  init?(header bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.headerSize else { return nil }
    let numbers = (0..<7).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    guard numbers[0] == Self.magic, numbers[1] == Self.version else { return nil }
    // What takes room in the file cannot exceed its size, so that none of the sums above can overflow.
    guard [numbers[2], numbers[3], numbers[5]].allSatisfy({ $0 <= UInt64(bytes.count) }), numbers[4] <= 1 << 31
    else { return nil }
    self.init(
      rowCount: Int(numbers[2]), tokenCount: Int(numbers[3]), classes: Int(numbers[4]), namesSize: Int(numbers[5]))
    guard size == bytes.count else { return nil }
  }

  /// Writes the header but for key and checksum.
  func writeHeader(to bytes: UnsafeMutableRawBufferPointer, isNamed: Bool) {
    let numbers = [
      Self.magic, Self.version, UInt64(rowCount), UInt64(tokenCount), UInt64(classes), UInt64(namesSize),
      isNamed ? 1 : 0,
    ]
    for (index, number) in numbers.enumerated() {
      bytes.storeBytes(of: number, toByteOffset: 8 * index, as: UInt64.self)
    }
  }
}
