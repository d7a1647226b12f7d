import Foundation

/// One pass over one text: characters are cleaned and gathered into words, and every finished word is cut into pieces.
struct TextScan {
  /// A longer word becomes `[UNK]`; counted in characters after normalisation.
  private static let longestWord = 100

  private let options: TokenizerOptions
  private let special: SpecialTokens
  private let longestToken: Int
  private let lookup: TokenLookup
  private var ids: [Int32] = []
  /// The word being gathered, as UTF-8.
  private var word: [UInt8] = []
  /// Whether the word holds a character that normalisation may change.
  private var needsNormalization = false
  /// Whether the word may hold punctuation.
  private var isPunctuated = false
  /// The hashes of a piece's prefixes: entry `n` is that of `n + 1` bytes.
  private var prefixHashes: [TokenHash] = []

  init(options: TokenizerOptions, special: SpecialTokens, longestToken: Int, lookup: TokenLookup) {
    self.options = options
    self.special = special
    self.longestToken = longestToken
    self.lookup = lookup
    word.reserveCapacity(64)
    prefixHashes.reserveCapacity(64)
  }

  /// The ids of the pieces of a text in valid UTF-8.
  mutating func pieces(of text: UnsafeBufferPointer<UInt8>) -> [Int32] {
    ids.reserveCapacity(text.count / 3 + 4)
    var position = 0
    while position < text.count {
      let byte = text[position]
      if byte >= 0x80 {
        let (scalar, length) = UTF8Decoding.scalar(in: text, at: position)
        takeLowercased(scalar)
        position += length
      } else if byte == UInt8(ascii: "["), let (id, length) = specialToken(in: text, at: position) {
        finishWord()
        ids.append(id)
        position += length
      } else {
        take(ascii: byte)
        position += 1
      }
    }
    finishWord()
    return ids
  }

  /// A special token spelled out in the text stands for itself, wherever it stands and before anything else happens to
  /// the text.
  private func specialToken(in text: UnsafeBufferPointer<UInt8>, at position: Int) -> (id: Int32, length: Int)? {
    for (index, spelling) in SpecialTokens.spellings.enumerated()
    where text[position...].starts(with: spelling.utf8) {
      return (special.ids[index], spelling.utf8.count)
    }
    return nil
  }

  @inline(__always)
  private mutating func take(ascii byte: UInt8) {
    switch ScalarProperties.kind(ascii: byte) {
    case .word, .ideograph:
      word.append(options.lowercase && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
    case .punctuation:
      isPunctuated = true
      word.append(byte)
    case .space:
      finishWord()
    case .dropped:
      break
    }
  }

  /// The reference lowers character by character, so that a capital sigma never becomes a final one.
  private mutating func takeLowercased(_ scalar: Unicode.Scalar) {
    guard options.lowercase, ScalarProperties.mayHaveCase(scalar) else { return take(scalar) }
    for lowered in scalar.properties.lowercaseMapping.unicodeScalars { take(lowered) }
  }

  private mutating func take(_ scalar: Unicode.Scalar) {
    let kind = ScalarProperties.kind(scalar)
    switch kind {
    case .space: return finishWord()
    case .dropped: return
    case .ideograph where options.tokenizeChineseCharacters: finishWord()
    case .punctuation: isPunctuated = true
    case .ideograph, .word: break
    }
    if !ScalarProperties.isInert(scalar) { needsNormalization = true }
    word.append(contentsOf: UTF8.encode(scalar)!)
    if kind == .ideograph, options.tokenizeChineseCharacters { finishWord() }
  }

  private mutating func finishWord() {
    guard !word.isEmpty else { return }
    if needsNormalization { normalizeWord() }
    var finished: [UInt8] = []
    swap(&finished, &word)
    finished.withUnsafeBufferPointer { bytes in
      // A special token that only the cleaning brought to light is not split, but looked up like any other word.
      if isPunctuated, !SpecialTokens.spellings.contains(where: { bytes.elementsEqual($0.utf8) }) {
        splitPunctuation(bytes)
      } else {
        appendPieces(of: bytes)
      }
    }
    finished.removeAll(keepingCapacity: true)
    swap(&finished, &word)
    needsNormalization = false
    isPunctuated = false
  }

  private mutating func normalizeWord() {
    let text = String(decoding: word, as: UTF8.self)
    word.removeAll(keepingCapacity: true)
    if options.stripAccents {
      for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars
      where scalar.properties.generalCategory != .nonspacingMark {
        word.append(contentsOf: UTF8.encode(scalar)!)
      }
    } else {
      word.append(contentsOf: text.precomposedStringWithCanonicalMapping.utf8)
    }
    // Some characters become punctuation: the Greek question mark is a semicolon.
    isPunctuated = true
  }
}

// MARK: - Words to pieces

extension TextScan {
  /// Every punctuation character is a word of its own.
  private mutating func splitPunctuation(_ bytes: UnsafeBufferPointer<UInt8>) {
    var start = 0
    var position = 0
    while position < bytes.count {
      let (scalar, length) = UTF8Decoding.scalar(in: bytes, at: position)
      if ScalarProperties.kind(scalar) == .punctuation {
        appendPieces(of: UnsafeBufferPointer(rebasing: bytes[start..<position]))
        start = position + length
        appendPieces(of: UnsafeBufferPointer(rebasing: bytes[position..<start]))
      }
      position += length
    }
    appendPieces(of: UnsafeBufferPointer(rebasing: bytes[start...]))
  }

  /// Cuts a word into the longest pieces that the vocabulary has; a word that cannot be cut to its end is unknown as a
  /// whole.
  private mutating func appendPieces(of word: UnsafeBufferPointer<UInt8>) {
    guard !word.isEmpty else { return }
    guard UTF8Decoding.count(of: word) <= Self.longestWord else { return ids.append(special.unknown) }
    let countBefore = ids.count
    var start = 0
    while start < word.count {
      let rest = UnsafeBufferPointer(rebasing: word[start...])
      guard let (id, length) = longestPiece(of: rest, isFirst: start == 0) else {
        ids.removeLast(ids.count - countBefore)
        return ids.append(special.unknown)
      }
      ids.append(id)
      start += length
    }
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
    for byte in word.prefix(longestToken - mark) {
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
