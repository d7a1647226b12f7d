import Crypto

/// Tokenised rows as one block of bytes, in memory as in the cache.
struct TokenFile: Sendable {
  let memory: TokenMemory
  let layout: TokenLayout
  let labelScheme: LabelScheme?

  /// Takes bytes that claim to be the rows of a key; nil if they are damaged, incomplete or another key's.
  ///
  /// - Parameter vocabularyCount: every token must be below it.
  init?(_ memory: TokenMemory, key: [UInt8], vocabularyCount: Int) {
    let bytes = memory.bytes
    guard let layout = TokenLayout(header: bytes) else { return nil }
    guard bytes[TokenLayout.keyOffset...].prefix(TokenLayout.digestSize).elementsEqual(key) else { return nil }
    let checksum = bytes[TokenLayout.checksumOffset...].prefix(TokenLayout.digestSize)
    guard checksum.elementsEqual(Self.checksum(of: bytes)) else { return nil }
    let isNamed = bytes.loadUnaligned(fromByteOffset: 48, as: UInt64.self) == 1
    guard let names = Self.names(in: bytes[layout.names...]) else { return nil }
    self.memory = memory
    self.layout = layout
    if isNamed {
      labelScheme = .names(names, classes: layout.classes)
    } else {
      labelScheme = layout.classes > 0 ? .integers(classes: layout.classes) : nil
    }
    guard isConsistent(vocabularyCount: vocabularyCount) else { return nil }
  }

  /// Lays rows out.
  init(rows: TokenRows, labels: [Int32], labelScheme: LabelScheme?, key: [UInt8]) {
    var names: [UInt8] = []
    for name in labelScheme?.names ?? [] {
      withUnsafeBytes(of: UInt32(name.utf8.count)) { names += Array($0) }
      names += Array(name.utf8)
    }
    let layout = TokenLayout(
      rowCount: rows.pairStarts.count, tokenCount: rows.tokens.count, classes: labelScheme?.classes ?? 0,
      namesSize: names.count)
    memory = TokenMemory(size: layout.size) { bytes in
      func copy(_ source: [some FixedWidthInteger], to offset: Int) {
        source.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: $0) }
      }
      layout.writeHeader(to: bytes, isNamed: labelScheme?.names != nil)
      copy(key, to: TokenLayout.keyOffset)
      copy(rows.offsets, to: layout.offsets)
      copy(rows.sampleIDs, to: layout.sampleIDs)
      copy(rows.tokens, to: layout.tokens)
      copy(rows.pairStarts, to: layout.pairStarts)
      copy(labels, to: layout.labels)
      copy(names, to: layout.names)
      copy(Self.checksum(of: UnsafeRawBufferPointer(bytes)), to: TokenLayout.checksumOffset)
    }
    self.layout = layout
    self.labelScheme = labelScheme
  }

  var offsets: UnsafeBufferPointer<Int64> {
    memory.numbers(Int64.self, at: layout.offsets, count: layout.rowCount + 1)
  }
  var sampleIDs: UnsafeBufferPointer<Int64> {
    memory.numbers(Int64.self, at: layout.sampleIDs, count: layout.rowCount)
  }
  var tokens: UnsafeBufferPointer<Int32> { memory.numbers(Int32.self, at: layout.tokens, count: layout.tokenCount) }
  /// Per row the index in the row at which the second segment starts; the row's length if it has none.
  var pairStarts: UnsafeBufferPointer<Int32> {
    memory.numbers(Int32.self, at: layout.pairStarts, count: layout.rowCount)
  }
  var labels: UnsafeBufferPointer<Int32> { memory.numbers(Int32.self, at: layout.labels, count: layout.rowCount) }

  /// SHA-256 of everything but the checksum itself.
  private static func checksum(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var hash = SHA256()
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[..<TokenLayout.checksumOffset]))
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[TokenLayout.headerSize...]))
    return Array(hash.finalize())
  }

  private static func names(in bytes: Slice<UnsafeRawBufferPointer>) -> [String]? {
    var names: [String] = []
    var rest = UnsafeRawBufferPointer(rebasing: bytes)
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let size = Int(rest.loadUnaligned(as: UInt32.self))
      guard size <= rest.count - 4, let name = String(validating: rest[4..<4 + size], as: UTF8.self) else { return nil }
      names.append(name)
      rest = UnsafeRawBufferPointer(rebasing: rest[(4 + size)...])
    }
    return names
  }

  /// Whether every offset, pair start, token and label is one that can be used without a further look.
  private func isConsistent(vocabularyCount: Int) -> Bool {
    guard offsets[0] == 0, offsets[layout.rowCount] == Int64(layout.tokenCount) else { return false }
    for row in 0..<layout.rowCount {
      let length = offsets[row + 1].subtractingReportingOverflow(offsets[row])
      guard !length.overflow, length.partialValue >= 0, offsets[row + 1] <= Int64(layout.tokenCount),
        0...length.partialValue ~= Int64(pairStarts[row]), -1..<max(1, layout.classes) ~= Int(labels[row])
      else { return false }
    }
    return tokens.allSatisfy { 0..<vocabularyCount ~= Int($0) }
  }
}

/// Rows while they are being gathered.
struct TokenRows {
  var offsets: [Int64] = [0]
  var sampleIDs: [Int64] = []
  var tokens: [Int32] = []
  var pairStarts: [Int32] = []
}
