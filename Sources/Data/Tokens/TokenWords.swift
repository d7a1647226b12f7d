/// The words of rows while they are being gathered, and where the tokens of each begin.
struct TokenWords {
  /// The start of a word that no token stands for, or none that is read.
  static let unread: Int32 = -1

  /// The texts of all rows one behind the other, and where each ends.
  private(set) var texts: (offsets: [Int64], bytes: [UInt8]) = ([0], [])
  /// Of the rows, in words.
  private(set) var offsets: [Int64] = [0]
  /// Of each word its first token in its row, its first Unicode scalar in the text, and the scalar behind it.
  private(set) var places: [Int32] = []

  mutating func append(_ text: String, _ words: [Range<Int>], starts: [Int32]) {
    texts.bytes += Array(text.utf8)
    texts.offsets.append(Int64(texts.bytes.count))
    for (word, start) in zip(words, starts) {
      places += [start, Int32(word.lowerBound), Int32(word.upperBound)]
    }
    offsets.append(Int64(places.count / 3))
  }
}

extension TokenFile {
  /// The words of a row; nil where rows are read as a whole.
  func words(_ row: Int) -> RowWords? {
    guard layout.wordCount != nil else { return nil }
    let ends = memory.numbers(Int64.self, at: layout.textOffsets, count: layout.rowCount + 1)
    let bytes = memory.bytes[layout.texts + Int(ends[row])..<layout.texts + Int(ends[row + 1])]
    let own = wordRange(row)
    let places = wordPlaces
    return RowWords(
      text: String(decoding: bytes, as: UTF8.self),
      places: own.map { Int(places[3 * $0 + 1])..<Int(places[3 * $0 + 2]) },
      areRead: own.map { places[3 * $0] != TokenWords.unread }, windows: windows(of: own, row), label: firstCell(row))
  }

  /// The words of each sequence of a row; nil where it is one. Rows of several are read token by token.
  private func windows(of words: Range<Int>, _ row: Int) -> [Range<Int>]? {
    let own = Int(sequences[row])..<Int(sequences[row + 1])
    guard own.count > 1 else { return nil }
    let (start, last) = (offsets[own.lowerBound], Int64(words.count))
    return own.map { Int(min(last, offsets[$0] - start))..<Int(min(last, offsets[$0 + 1] - start)) }
  }

  /// The first token of each word of a row that is read.
  func wordStarts(_ row: Int) -> [Int32] {
    let places = wordPlaces
    return wordRange(row).map { places[3 * $0] }.filter { $0 != TokenWords.unread }
  }

  private func wordRange(_ row: Int) -> Range<Int> {
    let ends = memory.numbers(Int64.self, at: layout.wordOffsets, count: layout.rowCount + 1)
    return Int(ends[row])..<Int(ends[row + 1])
  }

  private var wordPlaces: UnsafeBufferPointer<Int32> {
    memory.numbers(Int32.self, at: layout.wordPlaces, count: 3 * (layout.wordCount ?? 0))
  }

  /// Whether every word is one that can be used without a further look.
  func areWordsConsistent() -> Bool {
    guard let count = layout.wordCount, let size = layout.textsSize else { return layout.wordCount == nil }
    let rows = layout.rowCount + 1
    let texts = memory.numbers(Int64.self, at: layout.textOffsets, count: rows)
    guard Self.rise(memory.numbers(Int64.self, at: layout.wordOffsets, count: rows), to: count),
      Self.rise(texts, to: size)
    else { return false }
    let places = wordPlaces
    return (0..<layout.rowCount).allSatisfy { row in
      let tokens = offsets[Int(sequences[row + 1])] - offsets[Int(sequences[row])]
      // No text has more Unicode scalars than bytes.
      let scalars = texts[row + 1] - texts[row]
      return wordRange(row).allSatisfy { word in
        let (start, first, end) = (places[3 * word], places[3 * word + 1], places[3 * word + 2])
        return TokenWords.unread..<Int32(tokens) ~= start && first >= 0 && first <= end && Int64(end) <= scalars
      }
    }
  }
}
