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
    guard let names = Self.names(in: bytes[layout.names..<layout.ids]) else { return nil }
    guard let labelScheme = Self.scheme(kind: layout.labelKind, classes: layout.classes, names: names) else {
      return nil
    }
    self.memory = memory
    self.layout = layout
    self.labelScheme = labelScheme.scheme
    guard isConsistent(vocabularyCount: vocabularyCount) else { return nil }
  }

  /// Lays rows out.
  init(rows: TokenRows, labels: [Int32], labelScheme: LabelScheme?, key: [UInt8]) {
    var names: [UInt8] = []
    for name in labelScheme?.names ?? [] {
      withUnsafeBytes(of: UInt32(name.utf8.count)) { names += Array($0) }
      names += Array(name.utf8)
    }
    var layout = TokenLayout(rowCount: rows.pairStarts.count, tokenCount: rows.tokens.count)
    (layout.classes, layout.namesSize) = (labelScheme?.classes ?? 0, names.count)
    layout.labelKind = Self.kind(of: labelScheme)
    layout.idsSize = rows.ids?.bytes.count
    (layout.cutRows, layout.emptyRows, layout.quoting) = (rows.cutRows, rows.emptyRows, rows.quoting.rawValue)
    memory = TokenMemory(size: layout.size) { [layout] bytes in
      func copy(_ source: [some FixedWidthInteger], to offset: Int) {
        source.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: $0) }
      }
      layout.writeHeader(to: bytes)
      copy(key, to: TokenLayout.keyOffset)
      copy(rows.offsets, to: layout.offsets)
      copy(rows.sampleIDs, to: layout.sampleIDs)
      copy(rows.hashes, to: layout.hashes)
      copy(rows.ids?.offsets ?? [], to: layout.idOffsets)
      copy(rows.tokens, to: layout.tokens)
      copy(rows.pairStarts, to: layout.pairStarts)
      copy(labels, to: layout.labels)
      copy(names, to: layout.names)
      copy(rows.ids?.bytes ?? [], to: layout.ids)
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
  var hashes: UnsafeBufferPointer<UInt64> {
    memory.numbers(UInt64.self, at: layout.hashes, count: layout.rowCount)
  }
  var tokens: UnsafeBufferPointer<Int32> { memory.numbers(Int32.self, at: layout.tokens, count: layout.tokenCount) }
  /// Per row the index in the row at which the second segment starts; the row's length if it has none.
  var pairStarts: UnsafeBufferPointer<Int32> {
    memory.numbers(Int32.self, at: layout.pairStarts, count: layout.rowCount)
  }
  var labels: UnsafeBufferPointer<Int32> { memory.numbers(Int32.self, at: layout.labels, count: layout.rowCount) }

  /// How quotes were read.
  var quoting: Quoting { Quoting(rawValue: layout.quoting) ?? .plain }

  /// The id of a row as it was written, or nil where the table has none.
  func id(_ row: Int) -> String? {
    guard layout.idsSize != nil else { return nil }
    let ends = idOffsets
    let bytes = memory.bytes[layout.ids + Int(ends[row])..<layout.ids + Int(ends[row + 1])]
    return String(decoding: bytes, as: UTF8.self)
  }

  private var idOffsets: UnsafeBufferPointer<Int64> {
    memory.numbers(Int64.self, at: layout.idOffsets, count: layout.rowCount + 1)
  }

  /// SHA-256 of everything but the checksum itself.
  private static func checksum(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var hash = SHA256()
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[..<TokenLayout.checksumOffset]))
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[TokenLayout.headerSize...]))
    return Array(hash.finalize())
  }

  private static func kind(of scheme: LabelScheme?) -> Int {
    switch scheme {
    case nil: 0
    case .integers: 1
    case .names: 2
    case .indices: 3
    }
  }

  /// The scheme of a kind, which is nil where the rows have no labels; nil in all where they do not fit together.
  private static func scheme(kind: Int, classes: Int, names: [String]) -> (scheme: LabelScheme?, isRead: Void)? {
    switch kind {
    case 0 where classes == 0 && names.isEmpty: (nil, ())
    case 1 where classes > 0 && names.isEmpty: (.integers(classes: classes), ())
    case 2 where classes > 0 && names.count == classes: (.names(names), ())
    case 3 where classes > 0 && names.count == classes: (.indices(of: names), ())
    default: nil
    }
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
    guard tokens.allSatisfy({ 0..<vocabularyCount ~= Int($0) }) else { return false }
    guard let idsSize = layout.idsSize else { return true }
    let ends = idOffsets
    return ends[0] == 0 && ends[layout.rowCount] == Int64(idsSize)
      && (0..<layout.rowCount).allSatisfy { ends[$0] <= ends[$0 + 1] && ends[$0] >= 0 }
  }
}
