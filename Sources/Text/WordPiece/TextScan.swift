/// One pass over one text: it is cut at added tokens, the rest is normalised and split into words, and every word is cut
/// into pieces.
struct TextScan {
  /// A longer word becomes `[UNK]`; counted in characters after normalisation.
  static let longestWord = 100

  private let added: AddedTokens
  private let unknown: Int32
  private let longestToken: Int
  private let lookup: TokenLookup
  private var normalizer: TextNormalizer
  private var found = TextTokens()
  /// The number of words so far; added tokens are words.
  private var words: Int32 = 0
  /// The hashes of a piece's prefixes: entry `n` is that of `n + 1` bytes.
  private var prefixHashes: [TokenHash] = []

  init(options: TokenizerOptions, added: AddedTokens, unknown: Int32, longestToken: Int, lookup: TokenLookup) {
    self.added = added
    self.unknown = unknown
    self.longestToken = longestToken
    self.lookup = lookup
    normalizer = TextNormalizer(options)
    prefixHashes.reserveCapacity(64)
  }

  /// The pieces of a text in valid UTF-8.
  mutating func tokens(of text: UnsafeBufferPointer<UInt8>) -> TextTokens {
    found.ids.reserveCapacity(text.count / 3 + 4)
    found.words.reserveCapacity(text.count / 3 + 4)
    let patterns = added.raw
    patterns.split(text) { part in
      switch part {
      case .token(let id): appendWord(id)
      case .text(let stretch): normalizeAndSplit(stretch)
      }
    }
    return found
  }

  /// Tokens that are looked for after normalisation are looked for in each stretch alone.
  private mutating func normalizeAndSplit(_ text: UnsafeBufferPointer<UInt8>) {
    normalizer.normalize(text)
    let normalized = normalizer.bytes
    let patterns = added.normalized
    normalized.withUnsafeBufferPointer { bytes in
      guard !patterns.isEmpty else { return splitWords(bytes) }
      patterns.split(bytes) { part in
        switch part {
        case .token(let id): appendWord(id)
        case .text(let stretch): splitWords(stretch)
        }
      }
    }
  }
}

// MARK: - Words

extension TextScan {
  /// Blanks end a word, and every punctuation character is a word of its own.
  private mutating func splitWords(_ bytes: UnsafeBufferPointer<UInt8>) {
    var start = 0
    var position = 0
    while position < bytes.count {
      let (length, isBlank, isPunctuation) = Self.character(in: bytes, at: position)
      if isBlank || isPunctuation {
        appendPieces(of: UnsafeBufferPointer(rebasing: bytes[start..<position]))
        start = position + length
        if isPunctuation { appendPieces(of: UnsafeBufferPointer(rebasing: bytes[position..<start])) }
      }
      position += length
    }
    appendPieces(of: UnsafeBufferPointer(rebasing: bytes[start...]))
  }

  @inline(__always)
  private static func character(
    in bytes: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> (length: Int, isBlank: Bool, isPunctuation: Bool) {
    let byte = bytes[position]
    if byte < 0x80 {
      let kind = ScalarProperties.kind(ascii: byte)
      return (1, kind == .space, kind == .punctuation)
    }
    let (scalar, length) = UTF8Decoding.scalar(in: bytes, at: position)
    return (length, false, ScalarProperties.isPunctuation(scalar))
  }

  /// Cuts a word into the longest pieces that the vocabulary has; a word that cannot be cut to its end is unknown as a
  /// whole.
  private mutating func appendPieces(of word: UnsafeBufferPointer<UInt8>) {
    guard !word.isEmpty else { return }
    guard UTF8Decoding.count(of: word) <= Self.longestWord else { return appendWord(unknown) }
    let countBefore = found.ids.count
    var start = 0
    while start < word.count {
      let rest = UnsafeBufferPointer(rebasing: word[start...])
      guard let (id, length) = longestPiece(of: rest, isFirst: start == 0) else {
        found.removeLast(found.ids.count - countBefore)
        return appendWord(unknown)
      }
      found.append(id, word: words)
      start += length
    }
    words += 1
  }

  private mutating func appendWord(_ id: Int32) {
    found.append(id, word: words)
    words += 1
  }

  private mutating func longestPiece(
    of word: UnsafeBufferPointer<UInt8>, isFirst: Bool
  ) -> (id: Int32, length: Int)? {
    var hash = TokenHash()
    if !isFirst {
      hash.combine(UInt8(ascii: "#"))
      hash.combine(UInt8(ascii: "#"))
    }
    let mark = isFirst ? 0 : 2
    prefixHashes.removeAll(keepingCapacity: true)
    for byte in word.prefix(max(0, longestToken - mark)) {
      hash.combine(byte)
      prefixHashes.append(hash)
    }
    for length in stride(from: prefixHashes.count, to: 0, by: -1) {
      let piece = UnsafeBufferPointer(rebasing: word[..<length])
      if let id = lookup.id(of: piece, hash: prefixHashes[length - 1], behind: mark) { return (id, length) }
    }
    return nil
  }
}
