/// One pass over one text: it is cut at added tokens, the rest is normalised and split into words, and every word is cut
/// into pieces.
struct TextScan {
  /// A longer word becomes `[UNK]`; counted in characters after normalisation.
  static let longestWord = 100

  private let options: TokenizerOptions
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
  /// Where the text is searched for offsets: its scalars, and the origins of the normalised stretch.
  private var counts: ScalarCounts?
  private var origins: [TrackedText.Origin] = []
  private var stretchStart: UnsafePointer<UInt8>?

  init(options: TokenizerOptions, added: AddedTokens, unknown: Int32, longestToken: Int, lookup: TokenLookup) {
    self.options = options
    self.added = added
    self.unknown = unknown
    self.longestToken = longestToken
    self.lookup = lookup
    normalizer = TextNormalizer(options)
    prefixHashes.reserveCapacity(64)
  }

  /// The pieces of a text in valid UTF-8.
  mutating func tokens(of text: UnsafeBufferPointer<UInt8>, withOffsets: Bool) -> TextTokens {
    if withOffsets { counts = ScalarCounts(text) }
    found.ids.reserveCapacity(text.count / 3 + 4)
    found.words.reserveCapacity(text.count / 3 + 4)
    let patterns = added.raw
    patterns.split(text) { part in
      switch part {
      case .token(let id, let range):
        if let counts { found.offsets.append(counts[range.lowerBound]..<counts[range.upperBound]) }
        appendWord(id)
      case .text(let stretch): normalizeAndSplit(stretch, at: stretch.baseAddress! - text.baseAddress!)
      }
    }
    return found
  }

  /// Tokens that are looked for after normalisation are looked for in each stretch alone.
  private mutating func normalizeAndSplit(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) {
    if counts != nil {
      let tracked = TrackedNormalizer(options: options).normalized(text, at: offset)
      origins = tracked.origins
      return splitTokens(tracked.bytes)
    }
    normalizer.normalize(text)
    splitTokens(normalizer.bytes)
  }

  private mutating func splitTokens(_ normalized: [UInt8]) {
    let patterns = added.normalized
    normalized.withUnsafeBufferPointer { bytes in
      stretchStart = bytes.baseAddress
      guard !patterns.isEmpty else { return splitWords(bytes) }
      patterns.split(bytes) { part in
        switch part {
        case .token(let id, let range):
          if let counts { found.offsets.append(counts.range(range, of: origins)) }
          appendWord(id)
        case .text(let stretch): splitWords(stretch)
        }
      }
    }
  }
}

// MARK: - Words

extension TextScan {
  /// Blanks end a word, and every punctuation character is a separate word.
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
    guard UTF8Decoding.count(of: word) <= Self.longestWord else { return appendUnknown(word) }
    let countBefore = found.ids.count
    var start = 0
    while start < word.count {
      let rest = UnsafeBufferPointer(rebasing: word[start...])
      guard let (id, length) = longestPiece(of: rest, isFirst: start == 0) else {
        found.removeLast(found.ids.count - countBefore)
        return appendUnknown(word)
      }
      if counts != nil { appendOffset(of: UnsafeBufferPointer(rebasing: rest[..<length])) }
      found.append(id, word: words)
      start += length
    }
    words += 1
  }

  private mutating func appendUnknown(_ word: UnsafeBufferPointer<UInt8>) {
    if counts != nil { appendOffset(of: word) }
    appendWord(unknown)
  }

  private mutating func appendOffset(of bytes: UnsafeBufferPointer<UInt8>) {
    guard let counts, let stretchStart, let first = bytes.baseAddress else { return }
    let start = first - stretchStart
    found.offsets.append(counts.range(start..<start + bytes.count, of: origins))
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
