import Console
import Support
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
  init(_ table: Table, tokenizer: any Tokenizer, maximumLength: Int) throws(TokenDatasetError) {
    let truncation = tokenizer.truncation
    func encoding(_ row: Table.Row, _ maximumLength: Int) throws(TokenDatasetError) -> Encoding {
      do {
        return try tokenizer.encode(
          row.text, pair: row.pair, maximumLength: maximumLength, truncation: row.truncation(truncation))
      } catch {
        let place = table.place(of: row.line)
        throw .truncation(file: place.file, line: place.line, error)
      }
    }
    let work = Work("tokenizing", table.file, of: table.rows.count)
    for (index, row) in table.rows.enumerated() {
      if index % 256 == 0 { work.report(index) }
      let cut = try encoding(row, maximumLength)
      tokens += cut.ids
      offsets.append(Int64(tokens.count))
      pairStarts.append(Int32(cut.typeIDs.firstIndex(of: 1) ?? cut.ids.count))
      hashes.append(row.hash)
      if row.isEmpty { emptyRows += 1 }
      // A row that fills its place may be just as long as that.
      if cut.ids.count >= maximumLength, try encoding(row, maximumLength + 1).ids.count > maximumLength { cutRows += 1 }
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
  /// How the row is cut: a text alone at its own end, whichever of two texts would lose tokens.
  func truncation(_ truncation: Truncation) -> Truncation {
    pair == nil ? Truncation(.longestFirst, side: truncation.side) : truncation
  }

  /// Whether there is nothing to read, in the text or in its pair.
  var isEmpty: Bool { text.allSatisfy(\.isWhitespace) || pair?.allSatisfy(\.isWhitespace) == true }

  /// FNV-1a of the text and its pair, 64 bits.
  var hash: UInt64 {
    var hash = FNV1a(text.utf8)
    // No text holds this byte.
    hash.add(0xFF as UInt8)
    pair?.utf8.forEach { hash.add($0) }
    return hash.value
  }
}
