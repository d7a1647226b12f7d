import Console
import Support
import Text

/// Rows while they are being gathered.
struct TokenRows {
  /// Of the sequences.
  var offsets: [Int64] = [0]
  /// Of the rows, in sequences.
  var sequences: [Int64] = [0]
  var sampleIDs: [Int64] = []
  var hashes: [UInt64] = []
  var lines: [Int64] = []
  var tokens: [Int32] = []
  var pairStarts: [Int32] = []
  var columnCount = 0
  var hasLists = false
  var cells: (offsets: [Int64], bytes: [UInt8]) = ([0], [])
  /// The ids of all rows one behind the other, and where each ends; nil where the table has none.
  var ids: (offsets: [Int64], bytes: [UInt8])?
  var cutRows = 0
  var emptyRows = 0
  var quoting = Quoting.plain
  /// The words of rows that are labelled word by word.
  var words: TokenWords?

  /// Tokenises a table.
  /// - Parameter windows: of rows that are longer; nil where they are cut.
  init(
    _ table: Table, tokenizer: any Tokenizer, maximumLength: Int, layout: RowLayout = .joined,
    windows: RowWindows? = nil
  ) throws(TokenDatasetError) {
    precondition(windows == nil || layout.takesWindows, "windows of rows that are \(layout)")
    if layout.labelsParts { words = TokenWords() }
    let work = Work("tokenizing", table.file, of: table.rows.count)
    for (index, row) in table.rows.enumerated() {
      if index % 256 == 0 { work.report(index) }
      if layout == .separate, row.pair != nil, row.isEmpty {
        throw .half(file: table.file, line: row.line)
      }
      var isCut = false
      for texts in row.texts(layout) {
        if let windows {
          do throws(WindowError) {
            switch layout {
            case .spans: try append(question: row.text, context: row.pair ?? "", in: windows, tokenizer, maximumLength)
            case .words:
              try append(row.text, row.words ?? RowWords.places(in: row.text), in: windows, tokenizer, maximumLength)
            default: try append(texts, in: windows, tokenizer, maximumLength)
            }
          } catch {
            let place = table.place(of: row.line)
            throw .windows(file: place.file, line: place.line, error)
          }
          continue
        }
        do throws(TruncationError) {
          let isShorter =
            try layout == .words
            ? append(row.text, row.words ?? RowWords.places(in: row.text), tokenizer, maximumLength)
            : append(texts, tokenizer, maximumLength)
          isCut = isCut || isShorter
        } catch {
          let place = table.place(of: row.line)
          throw .truncation(file: place.file, line: place.line, error)
        }
      }
      sequences.append(Int64(pairStarts.count))
      hashes.append(row.hash)
      lines.append(Int64(row.line))
      if row.isEmpty { emptyRows += 1 }
      if isCut { cutRows += 1 }
    }
    work.end()
    sampleIDs = table.sampleIDs
    quoting = table.quoting
    (columnCount, hasLists) = (table.columns.labels.count, table.hasLists)
    cells = Self.gathered(table.labelCells)
    if table.columns.id != nil || table.rows.first?.id != nil { ids = Self.gathered(table.rows.map { $0.id ?? "" }) }
  }

  /// Appends a sequence.
  /// - Returns: whether it is cut.
  private mutating func append(
    _ texts: (text: String, pair: String?), _ tokenizer: any Tokenizer, _ maximumLength: Int
  ) throws(TruncationError) -> Bool {
    // A text alone is cut at its own end, whichever of two texts would lose tokens.
    let given = tokenizer.truncation
    let truncation = texts.pair == nil ? Truncation(.longestFirst, side: given.side) : given
    func encoding(_ length: Int) throws(TruncationError) -> Encoding {
      try tokenizer.encode(texts.text, pair: texts.pair, maximumLength: length, truncation: truncation)
    }
    let cut = try encoding(maximumLength)
    append(cut)
    // A sequence that fills its place may be just as long as that.
    guard cut.ids.count >= maximumLength else { return false }
    return try encoding(maximumLength + 1).ids.count > maximumLength
  }

  /// Appends a sequence that is read word by word.
  /// - Returns: whether it is cut.
  private mutating func append(
    _ text: String, _ places: [Range<Int>], _ tokenizer: any Tokenizer, _ maximumLength: Int
  ) throws(TruncationError) -> Bool {
    let words = RowWords.words(of: text, at: places)
    func encoding(_ length: Int) throws(TruncationError) -> Encoding {
      try tokenizer.encode(
        words: words, maximumLength: length, truncation: Truncation(.longestFirst, side: tokenizer.truncation.side))
    }
    let cut = try encoding(maximumLength)
    append(cut)
    self.words?.append(text, places, starts: TokenWords.starts(places.count, in: cut.words))
    guard cut.ids.count >= maximumLength else { return false }
    return try encoding(maximumLength + 1).ids.count > maximumLength
  }

  /// Appends a sequence for each window of a text that is read word by word.
  private mutating func append(
    _ text: String, _ places: [Range<Int>], in windows: RowWindows, _ tokenizer: any Tokenizer, _ maximumLength: Int
  ) throws(WindowError) {
    let all = try tokenizer.windows(
      ofWords: RowWords.words(of: text, at: places), maximumLength: maximumLength, stride: windows.stride,
      side: tokenizer.truncation.side, most: RowWindows.most)
    for window in all { append(window.encoding) }
    words?.append(text, places, starts: TokenWords.starts(places.count, in: all))
  }

  /// Appends a sequence for each window.
  private mutating func append(
    _ texts: (text: String, pair: String?), in windows: RowWindows, _ tokenizer: any Tokenizer, _ maximumLength: Int
  ) throws(WindowError) {
    let all = try tokenizer.windows(
      of: texts.pair ?? texts.text, after: texts.pair == nil ? nil : texts.text, maximumLength: maximumLength,
      stride: windows.stride, side: tokenizer.truncation.side, most: RowWindows.most)
    for window in all { append(window) }
  }

  mutating func append(_ sequence: Encoding) {
    tokens += sequence.ids
    offsets.append(Int64(tokens.count))
    pairStarts.append(Int32(sequence.typeIDs.firstIndex(of: 1) ?? sequence.ids.count))
  }

  private static func gathered(_ texts: [String]) -> (offsets: [Int64], bytes: [UInt8]) {
    var gathered: (offsets: [Int64], bytes: [UInt8]) = ([0], [])
    for text in texts {
      gathered.bytes += Array(text.utf8)
      gathered.offsets.append(Int64(gathered.bytes.count))
    }
    return gathered
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
  /// The texts of each sequence.
  func texts(_ layout: RowLayout) -> [(text: String, pair: String?)] {
    switch layout {
    case .joined, .words, .spans: [(text, pair)]
    case .separate: [(text, nil), (pair ?? text, nil)] + negatives.map { ($0, nil) }
    // The question stands before each answer, as RACE and CommonsenseQA are read.
    case .options: options.map { option in (text, pair.map { $0 + " " + option } ?? option) }
    }
  }

  /// Whether there is nothing to read, in the text or in its pair.
  var isEmpty: Bool { text.allSatisfy(\.isWhitespace) || pair?.allSatisfy(\.isWhitespace) == true }

  /// FNV-1a of the text and its pair, 64 bits.
  var hash: UInt64 {
    var hash = FNV1a(text.utf8)
    // No text holds this byte.
    hash.add(0xFF as UInt8)
    for text in [pair].compactMap(\.self) + options + negatives {
      text.utf8.forEach { hash.add($0) }
    }
    return hash.value
  }
}
