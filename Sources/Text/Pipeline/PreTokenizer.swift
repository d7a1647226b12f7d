/// One step that cuts a normalised text into words, as the library `tokenizers` computes it.
enum PreTokenizer: Sendable {
  /// GPT-2's words; their bytes are the model's alphabet.
  case byteLevel(addsSpace: Bool, usesPattern: Bool)
  /// Blanks become a visible character, with which words start.
  case metaspace([UInt8], Prefix, splits: Bool)
  case whitespaceSplit
  /// Every punctuation character is a word.
  case punctuation
  /// Every digit is a word, or every run of digits.
  case digits(isEach: Bool)

  /// Which words get the visible blank before them (`prepend_scheme`).
  enum Prefix: String, Sendable { case always, first, never }

  /// Cuts words further.
  ///
  /// - Parameter isStart: whether the text starts where the original one does.
  func apply(to text: inout TrackedText, words: inout [Range<Int>], isStart: Bool) {
    switch self {
    case .byteLevel(let addsSpace, let usesPattern):
      if addsSpace { Self.addSpaces(to: &text, words: &words) }
      guard usesPattern else { return }
      words = text.bytes.withUnsafeBufferPointer { bytes in
        var found: [Range<Int>] = []
        found.reserveCapacity(bytes.count / 4 + 1)
        for word in words { ByteLevelScan.words(of: bytes, in: word, into: &found) }
        return found
      }
    case .metaspace(let mark, let prefix, let splits):
      Self.metaspace(mark, prefix, splits: splits, of: &text, words: &words, isStart: isStart)
    case .whitespaceSplit:
      split(text, &words) { ScalarProperties.isSpace($0) ? .removed : .inside }
    case .punctuation:
      split(text, &words) { ScalarProperties.isMarkOfWriting($0) ? .alone : .inside }
    case .digits(let isEach):
      split(text, &words) { ScalarProperties.isNumber($0) ? (isEach ? .alone : .other) : .inside }
    }
  }

  /// What becomes of a character: it stays in its word, is one itself, belongs to a word of another kind, or goes.
  private enum Place { case inside, alone, other, removed }

  private func split(_ text: borrowing TrackedText, _ words: inout [Range<Int>], by place: (Unicode.Scalar) -> Place) {
    var found: [Range<Int>] = []
    text.bytes.withUnsafeBufferPointer { bytes in
      for word in words {
        var (start, position) = (word.lowerBound, word.lowerBound)
        var isOther = false
        func finish() { if start < position { found.append(start..<position) } }
        while position < word.upperBound {
          let (scalar, length) = UTF8Decoding.scalar(in: bytes, at: position)
          let place = place(scalar)
          if place == .alone || place == .removed || (place == .other) != isOther {
            finish()
            start = position
            isOther = place == .other
          }
          position += length
          if place == .alone { finish() }
          if place == .alone || place == .removed { start = position }
        }
        finish()
      }
    }
    words = found
  }

  private static func addSpaces(to text: inout TrackedText, words: inout [Range<Int>]) {
    guard words.contains(where: { text.bytes[$0.lowerBound] != 0x20 }) else { return }
    var result = TrackedText(isTracked: text.isTracked)
    result.bytes.reserveCapacity(text.bytes.count + words.count)
    for index in words.indices {
      let start = result.bytes.count
      let word = words[index]
      if text.bytes[word.lowerBound] != 0x20 { result.append(CollectionOfOne(0x20), like: word.lowerBound, of: text) }
      result.append(word, of: text)
      words[index] = start..<result.bytes.count
    }
    text = result
  }

  private static func metaspace(
    _ mark: [UInt8], _ prefix: Prefix, splits: Bool, of text: inout TrackedText, words: inout [Range<Int>],
    isStart: Bool
  ) {
    var result = TrackedText(isTracked: text.isTracked)
    result.bytes.reserveCapacity(text.bytes.count * 3 / 2 + mark.count * (words.count + 1))
    var found: [Range<Int>] = []
    found.reserveCapacity(text.bytes.count / 4 + 1)
    for word in words {
      var start = result.bytes.count
      let isPrefixed =
        switch prefix {
        case .always: true
        case .first: isStart && word.lowerBound == 0
        case .never: false
        }
      if isPrefixed, text.bytes[word.lowerBound] != 0x20, !text.bytes[word].starts(with: mark) {
        result.append(mark, like: word.lowerBound, of: text)
      }
      var (rest, position) = (word.lowerBound, word.lowerBound)
      while position < word.upperBound {
        let isBlank = text.bytes[position] == 0x20
        let isMark =
          !isBlank && text.bytes[position] == mark[0] && text.bytes[position..<word.upperBound].starts(with: mark)
        guard isBlank || isMark else {
          position += 1
          continue
        }
        result.append(rest..<position, of: text)
        if splits, result.bytes.count > start {
          found.append(start..<result.bytes.count)
          start = result.bytes.count
        }
        if isBlank {
          result.append(mark, like: position, of: text)
          position += 1
        } else {
          result.append(position..<position + mark.count, of: text)
          position += mark.count
        }
        rest = position
      }
      result.append(rest..<word.upperBound, of: text)
      if result.bytes.count > start { found.append(start..<result.bytes.count) }
    }
    text = result
    words = found
  }
}

/// Finds GPT-2's words: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
enum ByteLevelScan {
  private enum Kind { case letter, number, space, other }

  static func words(of bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>, into words: inout [Range<Int>]) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = end(of: bytes, from: start, to: range.upperBound)
      words.append(start..<end)
      start = end
    }
  }

  private static func end(of bytes: UnsafeBufferPointer<UInt8>, from start: Int, to limit: Int) -> Int {
    if bytes[start] == UInt8(ascii: "'"), let end = contractionEnd(of: bytes, from: start, to: limit) { return end }
    let first = bytes[start] == 0x20 && start + 1 < limit ? start + 1 : start
    let (kind, length) = kind(of: bytes, at: first)
    if kind != .space { return runEnd(of: kind, bytes, from: first + length, to: limit) }
    let end = runEnd(of: .space, bytes, from: start, to: limit)
    guard end < limit else { return end }
    // The last blank belongs to what follows, unless it is the only one.
    let last = end - UTF8Decoding.scalar(in: bytes, before: end).length
    return last > start ? last : end
  }

  private static func contractionEnd(of bytes: UnsafeBufferPointer<UInt8>, from start: Int, to limit: Int) -> Int? {
    guard start + 1 < limit else { return nil }
    switch bytes[start + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return start + 2 < limit && bytes[start + 2] == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"): return start + 2 < limit && bytes[start + 2] == UInt8(ascii: "l") ? start + 3 : nil
    default: return nil
    }
  }

  @inline(__always)
  private static func runEnd(
    of kind: Kind, _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to limit: Int
  ) -> Int {
    var end = start
    while end < limit {
      let (next, length) = Self.kind(of: bytes, at: end)
      guard next == kind else { break }
      end += length
    }
    return end
  }

  @inline(__always)
  private static func kind(of bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> (Kind, Int) {
    let byte = bytes[position]
    if byte < 0x80 {
      if (byte | 0x20) &- 0x61 < 26 { return (.letter, 1) }
      if byte &- 0x30 < 10 { return (.number, 1) }
      return (byte == 0x20 || byte &- 9 < 5 ? .space : .other, 1)
    }
    let (scalar, length) = UTF8Decoding.scalar(in: bytes, at: position)
    let value = scalar.value
    if (0x4E00...0x9FFF).contains(value) { return (.letter, length) }
    if (0x3001...0x3004).contains(value) || (0xFF01...0xFF0F).contains(value) { return (.other, length) }
    if ScalarSet.letters.contains(value) { return (.letter, length) }
    if ScalarSet.numbers.contains(value) { return (.number, length) }
    return (ScalarSet.spaces.contains(value) ? .space : .other, length)
  }
}
