import Foundation

/// Normalises a text as the library's `BertNormalizer` does, in its order: control characters are dropped and white
/// space becomes blanks, ideographs get a blank on both sides, characters are decomposed and their accents dropped,
/// letters become lower case.
///
/// Where accents stay, nothing is composed or decomposed either.
struct TextNormalizer {
  private let options: TokenizerOptions
  /// The normalised text, as UTF-8; its only white space is the blank.
  private(set) var bytes: [UInt8] = []
  /// Where the word that is being gathered starts.
  private var wordStart = 0
  /// Whether that word holds a character that decomposition may change.
  private var needsDecomposition = false

  init(_ options: TokenizerOptions) { self.options = options }

  /// Replaces `bytes` with a text in valid UTF-8, normalised.
  mutating func normalize(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    bytes.reserveCapacity(text.count + 8)
    (wordStart, needsDecomposition) = (0, false)
    var position = 0
    while position < text.count {
      let byte = text[position]
      if byte < 0x80 {
        take(ascii: byte)
        position += 1
      } else {
        let (scalar, length) = UTF8Decoding.scalar(in: text, at: position)
        take(scalar)
        position += length
      }
    }
    finishWord()
  }

  @inline(__always)
  private mutating func take(ascii byte: UInt8) {
    switch ScalarProperties.kind(ascii: byte) {
    case .word: bytes.append(options.lowercase && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
    case .punctuation: bytes.append(byte)
    case .space: endWord()
    case .dropped: break
    }
  }

  private mutating func take(_ scalar: Unicode.Scalar) {
    if ScalarProperties.isIdeograph(scalar) {
      if options.tokenizeChineseCharacters { endWord() }
      takeWord(scalar)
      if options.tokenizeChineseCharacters { endWord() }
    } else if ScalarSet.spaces.contains(scalar.value), !ScalarSet.dropped.contains(scalar.value) {
      endWord()
    } else if !ScalarSet.dropped.contains(scalar.value) {
      takeWord(scalar)
    }
  }

  private mutating func takeWord(_ scalar: Unicode.Scalar) {
    if options.stripAccents, !ScalarProperties.isInert(scalar) {
      needsDecomposition = true
      bytes.append(contentsOf: UTF8.encode(scalar)!)
    } else {
      takeLowercased(scalar)
    }
  }

  /// The library lowers character by character, so that a capital sigma never becomes a final one.
  private mutating func takeLowercased(_ scalar: Unicode.Scalar) {
    if options.lowercase, ScalarProperties.mayHaveCase(scalar) {
      bytes.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
    } else {
      bytes.append(contentsOf: UTF8.encode(scalar)!)
    }
  }

  private mutating func endWord() {
    finishWord()
    bytes.append(UInt8(ascii: " "))
    wordStart = bytes.count
  }

  private mutating func finishWord() {
    guard needsDecomposition else { return }
    let word = String(decoding: bytes[wordStart...], as: UTF8.self)
    bytes.removeLast(bytes.count - wordStart)
    for scalar in word.decomposedStringWithCanonicalMapping.unicodeScalars
    where !ScalarSet.marks.contains(scalar.value) {
      takeLowercased(scalar)
    }
    needsDecomposition = false
  }
}
