import Crypto

/// Tokenised rows as one block of bytes, in memory as in the cache.
struct TokenFile: Sendable {
  let memory: TokenMemory
  let layout: TokenLayout

  /// Takes bytes that claim to be the rows of a key; nil if they are damaged, incomplete or another key's.
  ///
  /// - Parameter vocabularyCount: every token must be below it.
  init?(_ memory: TokenMemory, key: [UInt8], vocabularyCount: Int) {
    let bytes = memory.bytes
    guard let layout = TokenLayout(header: bytes) else { return nil }
    guard bytes[TokenLayout.keyOffset...].prefix(TokenLayout.digestSize).elementsEqual(key) else { return nil }
    let checksum = bytes[TokenLayout.checksumOffset...].prefix(TokenLayout.digestSize)
    guard checksum.elementsEqual(Self.checksum(of: bytes)) else { return nil }
    self.memory = memory
    self.layout = layout
    guard isConsistent(vocabularyCount: vocabularyCount) else { return nil }
  }

  /// Lays rows out.
  init(rows: TokenRows, key: [UInt8]) {
    var layout = TokenLayout(
      rowCount: rows.sampleIDs.count, tokenCount: rows.tokens.count, sequenceCount: rows.pairStarts.count)
    (layout.columnCount, layout.cellsSize, layout.hasLists) = (rows.columnCount, rows.cells.bytes.count, rows.hasLists)
    layout.idsSize = rows.ids?.bytes.count
    (layout.cutRows, layout.emptyRows, layout.quoting) = (rows.cutRows, rows.emptyRows, rows.quoting.rawValue)
    (layout.wordCount, layout.textsSize) = (
      rows.words.map { $0.places.count / TokenWords.fields }, rows.words?.texts.bytes.count
    )
    memory = TokenMemory(size: layout.size) { [layout] bytes in
      func copy(_ source: [some FixedWidthInteger], to offset: Int) {
        source.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: $0) }
      }
      layout.writeHeader(to: bytes)
      copy(key, to: TokenLayout.keyOffset)
      copy(rows.offsets, to: layout.offsets)
      copy(rows.sequences, to: layout.sequences)
      copy(rows.sampleIDs, to: layout.sampleIDs)
      copy(rows.hashes, to: layout.hashes)
      copy(rows.lines, to: layout.lines)
      copy(rows.ids?.offsets ?? [], to: layout.idOffsets)
      copy(rows.cells.offsets, to: layout.cellOffsets)
      copy(rows.words?.offsets ?? [], to: layout.wordOffsets)
      copy(rows.words?.texts.offsets ?? [], to: layout.textOffsets)
      copy(rows.tokens, to: layout.tokens)
      copy(rows.pairStarts, to: layout.pairStarts)
      copy(rows.words?.places ?? [], to: layout.wordPlaces)
      copy(rows.cells.bytes, to: layout.cells)
      copy(rows.ids?.bytes ?? [], to: layout.ids)
      copy(rows.words?.texts.bytes ?? [], to: layout.texts)
      copy(Self.checksum(of: UnsafeRawBufferPointer(bytes)), to: TokenLayout.checksumOffset)
    }
    self.layout = layout
  }

  /// Where each sequence's tokens begin, and the end of the last.
  var offsets: UnsafeBufferPointer<Int64> {
    memory.numbers(Int64.self, at: layout.offsets, count: layout.sequenceCount + 1)
  }
  /// Where each row's sequences begin, and the end of the last.
  var sequences: UnsafeBufferPointer<Int64> {
    memory.numbers(Int64.self, at: layout.sequences, count: layout.rowCount + 1)
  }
  /// The most sequences of a row.
  var mostSequences: Int {
    let borders = sequences
    return borders.indices.dropLast().reduce(1) { max($0, Int(borders[$1 + 1] - borders[$1])) }
  }
  /// The line of each row in its file.
  var lines: UnsafeBufferPointer<Int64> { memory.numbers(Int64.self, at: layout.lines, count: layout.rowCount) }
  var sampleIDs: UnsafeBufferPointer<Int64> {
    memory.numbers(Int64.self, at: layout.sampleIDs, count: layout.rowCount)
  }
  var hashes: UnsafeBufferPointer<UInt64> {
    memory.numbers(UInt64.self, at: layout.hashes, count: layout.rowCount)
  }
  var tokens: UnsafeBufferPointer<Int32> { memory.numbers(Int32.self, at: layout.tokens, count: layout.tokenCount) }
  /// Per sequence the index in it at which the second segment starts; the sequence's length if it has none.
  var pairStarts: UnsafeBufferPointer<Int32> {
    memory.numbers(Int32.self, at: layout.pairStarts, count: layout.sequenceCount)
  }

  /// How quotes were read.
  var quoting: Quoting { Quoting(rawValue: layout.quoting) ?? .plain }

  /// The id of a row as it was written, or nil where the table has none.
  func id(_ row: Int) -> String? {
    guard layout.idsSize != nil else { return nil }
    let ends = idOffsets
    let bytes = memory.bytes[layout.ids + Int(ends[row])..<layout.ids + Int(ends[row + 1])]
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The cells of the label columns: [rows × columns].
  var cells: [String] {
    let ends = cellOffsets
    return (0..<layout.rowCount * layout.columnCount).map { index in
      String(
        decoding: memory.bytes[layout.cells + Int(ends[index])..<layout.cells + Int(ends[index + 1])], as: UTF8.self)
    }
  }

  /// The cell of a row's first label column; empty where there is none.
  func firstCell(_ row: Int) -> String {
    guard layout.columnCount > 0 else { return "" }
    let (ends, index) = (cellOffsets, row * layout.columnCount)
    return String(
      decoding: memory.bytes[layout.cells + Int(ends[index])..<layout.cells + Int(ends[index + 1])], as: UTF8.self)
  }

  private var cellOffsets: UnsafeBufferPointer<Int64> {
    memory.numbers(Int64.self, at: layout.cellOffsets, count: layout.rowCount * layout.columnCount + 1)
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

  /// Whether every offset, pair start and token is one that can be used without a further look.
  private func isConsistent(vocabularyCount: Int) -> Bool {
    guard Self.rise(offsets, to: layout.tokenCount), Self.rise(sequences, to: layout.sequenceCount) else {
      return false
    }
    for sequence in 0..<layout.sequenceCount {
      guard 0...offsets[sequence + 1] - offsets[sequence] ~= Int64(pairStarts[sequence]) else { return false }
    }
    guard tokens.allSatisfy({ 0..<vocabularyCount ~= Int($0) }), Self.rise(cellOffsets, to: layout.cellsSize) else {
      return false
    }
    return (layout.idsSize.map { Self.rise(idOffsets, to: $0) } ?? true) && areWordsConsistent()
  }

  /// Whether numbers begin with 0, never fall and end with a size.
  static func rise(_ ends: UnsafeBufferPointer<Int64>, to size: Int) -> Bool {
    ends[0] == 0 && ends[ends.count - 1] == Int64(size)
      && ends.indices.dropLast().allSatisfy { 0 <= ends[$0] && ends[$0] <= ends[$0 + 1] }
  }
}
