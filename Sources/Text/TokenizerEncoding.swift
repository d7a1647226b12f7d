extension Tokenizer {
  /// The ids of a text, or of a pair of texts, with the special tokens, cut to a maximum length.
  ///
  /// - Parameters:
  ///   - maximumLength: at least `shortestMaximumLength`, special tokens included.
  ///   - truncation: by default as the files say.
  /// - Throws: `TruncationError` where the text that loses tokens has too few.
  public func encode(
    _ text: String, pair: String? = nil, maximumLength: Int, truncation: Truncation, withOffsets: Bool = false
  ) throws(TruncationError) -> Encoding {
    try assemble(
      tokens(of: text, withOffsets: withOffsets), pair.map { tokens(of: $0, withOffsets: withOffsets) },
      maximumLength: maximumLength, truncation, withOffsets: withOffsets)
  }

  /// The same, the longest text cut first.
  public func encode(_ text: String, pair: String? = nil, maximumLength: Int) -> Encoding {
    do {
      return try encode(text, pair: pair, maximumLength: maximumLength, truncation: Truncation(side: truncation.side))
    } catch { preconditionFailure("longest_first cuts every row, and says \(error)") }
  }

  /// The ids of a text that is split into words already: each is read as a separate text, and `words` counts them.
  public func encode(
    words: [String], maximumLength: Int, truncation: Truncation, withOffsets: Bool = false
  ) throws(TruncationError) -> Encoding {
    try assemble(
      tokens(ofWords: words, withOffsets: withOffsets), nil, maximumLength: maximumLength, truncation,
      withOffsets: withOffsets)
  }

  private func tokens(ofWords words: [String], withOffsets: Bool) -> TextTokens {
    var all = TextTokens()
    for (index, word) in words.enumerated() {
      let tokens = tokens(of: word, withOffsets: withOffsets)
      all.ids += tokens.ids
      all.words += repeatElement(Int32(index), count: tokens.ids.count)
      all.offsets += tokens.offsets
    }
    return all
  }

  private func assemble(
    _ first: TextTokens, _ second: TextTokens?, maximumLength: Int, _ truncation: Truncation,
    withOffsets: Bool
  ) throws(TruncationError) -> Encoding {
    var (first, second) = (first, second)
    let template = template
    let room = maximumLength - template.specialCount(hasPair: second != nil)
    precondition(room >= 0, "a maximum length of \(maximumLength) has no room for the special tokens")
    let kept = try truncation.lengths(first.ids.count, second?.ids.count, maximum: room)
    first.keep(kept.first, at: truncation.side)
    second?.keep(kept.second, at: truncation.side)
    return template.assemble(first, second, withOffsets: withOffsets)
  }

  /// Tokens of texts in a row, which special tokens take the rest of.
  public func textRoom(in maximumLength: Int, isPair: Bool) -> Int {
    maximumLength - template.specialCount(hasPair: isPair)
  }

  /// A text in windows, alone or each with the whole of another text before it; one window where the text is not longer.
  ///
  /// They are those of transformers' `return_overflowing_tokens`, of a pair with `only_second`.
  ///
  /// - Parameters:
  ///   - stride: tokens that neighbouring windows share.
  ///   - side: left begins with the end of the text.
  ///   - most: windows that the text may have.
  /// - Throws: `WindowError` where a window has no room for more than the stride, or there are too many.
  public func windows(
    of text: String, after first: String? = nil, maximumLength: Int, stride: Int, side: Truncation.Side = .right,
    most: Int = .max, withOffsets: Bool = false
  ) throws(WindowError) -> [Encoding] {
    let first = first.map { tokens(of: $0, withOffsets: withOffsets) }
    let text = tokens(of: text, withOffsets: withOffsets)
    let template = template
    func window(_ part: TextTokens) -> Encoding {
      first.map { template.assemble($0, part, withOffsets: withOffsets) }
        ?? template.assemble(part, nil, withOffsets: withOffsets)
    }
    let room = textRoom(in: maximumLength, isPair: first != nil) - (first?.ids.count ?? 0)
    guard room < text.ids.count else { return [window(text)] }
    guard room > max(0, stride) else {
      throw first.map { .first(tokens: $0.ids.count, room: room, stride: stride) } ?? .stride(stride, room: room)
    }
    // Each window behind the first has `room - stride` tokens that no other one before it has.
    let count = 1 + (text.ids.count - room + room - stride - 1) / (room - stride)
    guard count <= most else { throw .count(count, most: most) }
    return Self.windows(count: text.ids.count, size: room, stride: stride, side: side).map { window(text[$0]) }
  }

  /// A text that is split into words already, in windows: their encodings, and which of the text's tokens each has.
  ///
  /// - Parameters:
  ///   - stride: tokens that neighbouring windows share.
  ///   - side: left begins with the end of the text.
  ///   - most: windows that the text may have.
  /// - Throws: `WindowError` where a window has no room for more than the stride, or there are too many.
  public func windows(
    ofWords words: [String], maximumLength: Int, stride: Int, side: Truncation.Side = .right, most: Int = .max
  ) throws(WindowError) -> [(encoding: Encoding, tokens: Range<Int>)] {
    let (all, template) = (tokens(ofWords: words, withOffsets: false), template)
    let (count, room) = (all.ids.count, textRoom(in: maximumLength, isPair: false))
    guard room < count else { return [(template.assemble(all, nil, withOffsets: false), 0..<count)] }
    guard room > max(0, stride) else { throw .stride(stride, room: room) }
    let windows = 1 + (count - room + room - stride - 1) / (room - stride)
    guard windows <= most else { throw .count(windows, most: most) }
    return Self.windows(count: count, size: room, stride: stride, side: side).map {
      (template.assemble(all[$0], nil, withOffsets: false), $0)
    }
  }

  private static func windows(count: Int, size: Int, stride: Int, side: Truncation.Side) -> [Range<Int>] {
    var windows: [Range<Int>] = []
    var place = 0
    while true {
      let end = min(count, place + size)
      windows.append(side == .right ? place..<end : count - end..<count - place)
      if end == count { return windows }
      place += size - stride
    }
  }
}
