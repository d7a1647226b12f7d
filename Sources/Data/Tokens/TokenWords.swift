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
