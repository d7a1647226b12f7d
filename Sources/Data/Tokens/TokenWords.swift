import Text

/// The words of rows while they are being gathered, and where the tokens of each begin.
struct TokenWords {
  /// The start of a word that no token stands for, or none that is read.
  static let unread: Int32 = -1
  /// Numbers of a word.
  static let fields = 4

  /// The texts of all rows one behind the other, and where each ends.
  private(set) var texts: (offsets: [Int64], bytes: [UInt8]) = ([0], [])
  /// Of the rows, in words.
  private(set) var offsets: [Int64] = [0]
  /// Of each word its first token in its row, its first Unicode scalar in the text, the scalar behind it, and its tokens.
  private(set) var places: [Int32] = []

  /// - Parameter starts: the first token of each word, and its tokens.
  mutating func append(_ text: String, _ words: [Range<Int>], starts: [(token: Int32, count: Int32)]) {
    texts.bytes += Array(text.utf8)
    texts.offsets.append(Int64(texts.bytes.count))
    for (word, start) in zip(words, starts) {
      places += [start.token, Int32(word.lowerBound), Int32(word.upperBound), start.count]
    }
    offsets.append(Int64(places.count / Self.fields))
  }
}

extension TokenWords {
  /// The first token of each word and its tokens, from the word of each token of a sequence.
  static func starts(_ count: Int, in words: [Int32]) -> [(token: Int32, count: Int32)] {
    var starts = [(token: Int32, count: Int32)](repeating: (unread, 0), count: count)
    for (token, word) in words.enumerated() where word >= 0 {
      if starts[Int(word)].token == unread { starts[Int(word)].token = Int32(token) }
      starts[Int(word)].count += 1
    }
    return starts
  }
}

extension TokenWords {
  /// The first token of each word and its tokens in a row's windows, which stand one behind the other: in the window in which
  /// the word's first token has most other tokens on the side where it has fewer; of equal ones in the first.
  static func starts(
    _ count: Int, in windows: [(encoding: Encoding, tokens: Range<Int>)]
  ) -> [(token: Int32, count: Int32)] {
    var starts = [(token: Int32, count: Int32)](repeating: (unread, 0), count: count)
    var contexts = [Int](repeating: -1, count: count)
    let firsts = firsts(count, in: windows)
    var offset = 0
    for (encoding, tokens) in windows {
      let head = encoding.words.firstIndex { $0 >= 0 } ?? 0
      var last: Int32 = -1
      for (place, word) in encoding.words.enumerated() where word >= 0 {
        let token = tokens.lowerBound + place - head
        guard word != last else {
          if starts[Int(word)].token >= offset { starts[Int(word)].count += 1 }
          continue
        }
        last = word
        let context = min(token - tokens.lowerBound, tokens.upperBound - 1 - token)
        guard token == firsts[Int(word)], context > contexts[Int(word)] else { continue }
        contexts[Int(word)] = context
        starts[Int(word)] = (Int32(offset + place), 1)
      }
      offset += encoding.ids.count
    }
    return starts
  }

  /// The first token of each word in the text, whichever window has it.
  private static func firsts(_ count: Int, in windows: [(encoding: Encoding, tokens: Range<Int>)]) -> [Int] {
    var firsts = [Int](repeating: .max, count: count)
    for (encoding, tokens) in windows {
      for (place, word) in encoding.words.filter({ $0 >= 0 }).enumerated() {
        firsts[Int(word)] = min(firsts[Int(word)], tokens.lowerBound + place)
      }
    }
    return firsts
  }
}

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
