import Console
import Text

/// Rows while they are being gathered.
struct TokenRows {
  var offsets: [Int64] = [0]
  var sampleIDs: [Int64] = []
  var hashes: [UInt64] = []
  var tokens: [Int32] = []
  var pairStarts: [Int32] = []
  /// The ids of all rows one behind the other, and where each ends; nil where the table has none.
  var ids: (offsets: [Int64], bytes: [UInt8])?
  var cutRows = 0
  var emptyRows = 0
  var quoting = Quoting.plain

  /// Tokenises a table.
  init(_ table: Table, tokenizer: any Tokenizer, maximumLength: Int) {
    let work = Work("tokenizing", table.file, of: table.rows.count)
    for (index, row) in table.rows.enumerated() {
      if index % 256 == 0 { work.report(index) }
      let encoding = tokenizer.encode(row.text, pair: row.pair, maximumLength: maximumLength)
      tokens += encoding.ids
      offsets.append(Int64(tokens.count))
      pairStarts.append(Int32(encoding.typeIDs.firstIndex(of: 1) ?? encoding.ids.count))
      hashes.append(row.hash)
      if row.isEmpty { emptyRows += 1 }
      // A row that fills its place may be just as long as that.
      if encoding.ids.count >= maximumLength,
        tokenizer.encode(row.text, pair: row.pair, maximumLength: maximumLength + 1).ids.count > maximumLength
      {
        cutRows += 1
      }
    }
    work.end()
    sampleIDs = table.sampleIDs
    quoting = table.quoting
    guard table.columns.id != nil else { return }
    var gathered: (offsets: [Int64], bytes: [UInt8]) = ([0], [])
    for row in table.rows {
      gathered.bytes += Array((row.id ?? "").utf8)
      gathered.offsets.append(Int64(gathered.bytes.count))
    }
    ids = gathered
  }
}

extension Table {
  /// Numbers that name the rows in the ledger: the ids where all of them are whole numbers, else the rows' own.
  var sampleIDs: [Int64] {
    let ids = rows.compactMap { $0.id.flatMap { Int64($0) } }
    return ids.count == rows.count ? ids : rows.indices.map(Int64.init)
  }
}

extension Table.Row {
  /// Whether there is nothing to read, in the text or in its pair.
  var isEmpty: Bool { text.allSatisfy(\.isWhitespace) || pair?.allSatisfy(\.isWhitespace) == true }

  /// FNV-1a of the text and its pair, 64 bits.
  var hash: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
    text.utf8.forEach(add)
    // No text holds this byte.
    add(0xFF)
    pair?.utf8.forEach(add)
    return hash
  }
}
