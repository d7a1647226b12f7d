import Recipes
import Support
import Text

/// The words that the tokens of a text make: pieces that the vocabulary marks as one word, and of neighbouring words those that
/// make one of a list together, the longest first.
///
///     play ##ing foot ##ball   →   playing   football
///     我 爱 北 京, with a list that has 北京   →   我   爱   北京
struct WordBorders: Sendable {
  private let pieces: [TokenPiece]
  private let list: ByteTrie?

  /// - Parameter list: the words of a list; nil for those of the vocabulary alone.
  init(_ tokenizer: any Tokenizer, list: [String]?) {
    let pieces = (0..<Int32(tokenizer.tokenCount)).map(tokenizer.piece)
    self.pieces = pieces
    self.list = list.map { list in
      var trie = ByteTrie()
      for word in list {
        // As the tokenizer spells it, in lower case where it makes it so.
        trie.insert(tokenizer.tokens(of: word, withOffsets: false).ids.flatMap { pieces[Int($0)].bytes })
      }
      return trie
    }
  }

  /// The words of tokens between two special ones; the first token begins one.
  func words(of ids: ArraySlice<Int32>) -> [Range<Int>] {
    var starts = ids.indices.filter { $0 == ids.startIndex || pieces[Int(ids[$0])].startsWord }
    if let list { starts = joined(starts, ids, list) }
    return zip(starts, starts.dropFirst() + [ids.endIndex]).map { $0..<$1 }
  }

  /// Leaves out the starts of words inside a word of the list.
  private func joined(_ starts: [Int], _ ids: ArraySlice<Int32>, _ list: ByteTrie) -> [Int] {
    var (kept, index): ([Int], Int) = ([], 0)
    while index < starts.count {
      kept.append(starts[index])
      var (node, next, end): (Int?, Int, Int) = (0, index, index + 1)
      while next < starts.count, let known = node {
        let word = starts[next]..<(next + 1 < starts.count ? starts[next + 1] : ids.endIndex)
        node = ids[word].reduce(known) { node, id in
          node.flatMap { list.node(behind: $0, pieces[Int(id)].bytes) }
        }
        next += 1
        if let node, list.isEnd(node) { end = next }
      }
      index = end
    }
    return kept
  }
}

/// Words as bytes, found from their beginnings.
struct ByteTrie: Sendable {
  private var children: [UInt64: Int] = [:]
  private var ends: [Bool] = [false]

  init() {}

  mutating func insert(_ word: [UInt8]) {
    guard !word.isEmpty else { return }
    var node = 0
    for byte in word {
      let key = UInt64(node) << 8 | UInt64(byte)
      if let child = children[key] {
        node = child
      } else {
        ends.append(false)
        children[key] = ends.count - 1
        node = ends.count - 1
      }
    }
    ends[node] = true
  }

  /// The node that these bytes lead to; nil where no word continues so.
  func node(behind node: Int, _ bytes: [UInt8]) -> Int? {
    bytes.reduce(node) { node, byte in node.flatMap { children[UInt64($0) << 8 | UInt64(byte)] } }
  }

  /// Whether a word ends there.
  func isEnd(_ node: Int) -> Bool { ends[node] }
}

/// The words of a file, one a line.
enum WordList {
  /// - Throws: `RecipeError` where the file cannot be read, or has no word.
  static func words(of file: String, _ section: Section, key: String) throws -> [String] {
    let bytes: [UInt8]
    do { bytes = try FileReader.bytes(of: file) } catch {
      throw section.error(key, "names \(file), which cannot be read (\(error.reason)); correct the path")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw section.error(key, "names \(file), which is not UTF-8; write it anew in UTF-8")
    }
    // Lists of segmenters have a frequency and a part of speech behind each word.
    let words = text.split(whereSeparator: \.isNewline).compactMap { line in
      line.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
    guard !words.isEmpty else { throw section.error(key, "names \(file), which has no word; write one a line") }
    return words
  }
}
