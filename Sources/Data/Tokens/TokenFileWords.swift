extension TokenFile {
  /// The words of a row; nil where rows are read as a whole.
  func words(_ row: Int) -> RowWords? {
    guard layout.wordCount != nil else { return nil }
    let ends = memory.numbers(Int64.self, at: layout.textOffsets, count: layout.rowCount + 1)
    let bytes = memory.bytes[layout.texts + Int(ends[row])..<layout.texts + Int(ends[row + 1])]
    let own = wordRange(row)
    let words = own.map(word)
    return RowWords(
      text: String(decoding: bytes, as: UTF8.self), places: words.map { Int($0.first)..<Int($0.end) },
      areRead: words.map { $0.start != TokenWords.unread }, windows: windows(of: own, row), label: firstCell(row))
  }

  /// The words of each sequence of a row that is read token by token; nil where it is one, or where words have several tokens.
  private func windows(of words: Range<Int>, _ row: Int) -> [Range<Int>]? {
    let own = Int(sequences[row])..<Int(sequences[row + 1])
    let (start, last) = (offsets[own.lowerBound], Int64(words.count))
    guard own.count > 1, last == offsets[own.upperBound] - start else { return nil }
    return own.map { Int(min(last, offsets[$0] - start))..<Int(min(last, offsets[$0 + 1] - start)) }
  }

  /// The tokens of each word of a row that is read.
  func wordTokens(_ row: Int) -> [Range<Int32>] {
    wordRange(row).map(word).filter { $0.start != TokenWords.unread }.map { $0.start..<$0.start + $0.count }
  }

  private func word(_ index: Int) -> (start: Int32, first: Int32, end: Int32, count: Int32) {
    let places = wordPlaces
    let place = TokenWords.fields * index
    return (places[place], places[place + 1], places[place + 2], places[place + 3])
  }

  private func wordRange(_ row: Int) -> Range<Int> {
    let ends = memory.numbers(Int64.self, at: layout.wordOffsets, count: layout.rowCount + 1)
    return Int(ends[row])..<Int(ends[row + 1])
  }

  private var wordPlaces: UnsafeBufferPointer<Int32> {
    memory.numbers(Int32.self, at: layout.wordPlaces, count: TokenWords.fields * (layout.wordCount ?? 0))
  }

  /// Whether every word is one that can be used without a further look.
  func areWordsConsistent() -> Bool {
    guard let count = layout.wordCount, let size = layout.textsSize else { return layout.wordCount == nil }
    let rows = layout.rowCount + 1
    let texts = memory.numbers(Int64.self, at: layout.textOffsets, count: rows)
    guard Self.rise(memory.numbers(Int64.self, at: layout.wordOffsets, count: rows), to: count),
      Self.rise(texts, to: size)
    else { return false }
    return (0..<layout.rowCount).allSatisfy { row in
      let tokens = offsets[Int(sequences[row + 1])] - offsets[Int(sequences[row])]
      // No text has more Unicode scalars than bytes.
      let scalars = texts[row + 1] - texts[row]
      return wordRange(row).allSatisfy { word in
        let (start, first, end, count) = self.word(word)
        guard first >= 0, first <= end, Int64(end) <= scalars else { return false }
        return start == TokenWords.unread
          ? count == 0 : start >= 0 && count > 0 && Int64(start) + Int64(count) <= tokens
      }
    }
  }
}
