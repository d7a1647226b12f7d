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

  /// The ids of a text that is split into words already: each is read as a text of its own, and `words` counts them.
  public func encode(
    words: [String], maximumLength: Int, truncation: Truncation, withOffsets: Bool = false
  ) throws(TruncationError) -> Encoding {
    var all = TextTokens()
    for (index, word) in words.enumerated() {
      let tokens = tokens(of: word, withOffsets: withOffsets)
      all.ids += tokens.ids
      all.words += repeatElement(Int32(index), count: tokens.ids.count)
      all.offsets += tokens.offsets
    }
    return try assemble(all, nil, maximumLength: maximumLength, truncation, withOffsets: withOffsets)
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

  /// A long text in windows, each with the whole of another text before it.
  ///
  /// - Parameters:
  ///   - stride: tokens that neighbouring windows share.
  ///   - truncation: `onlySecond`; from the other end where its side is left.
  /// - Throws: `TruncationError` where a window has no room for more than the stride.
  public func windows(
    of text: String, after first: String, maximumLength: Int, stride: Int, side: Truncation.Side = .right,
    withOffsets: Bool = false
  ) throws(TruncationError) -> [Encoding] {
    let first = tokens(of: first, withOffsets: withOffsets)
    let second = tokens(of: text, withOffsets: withOffsets)
    let template = template
    let room = maximumLength - template.specialCount(hasPair: true) - first.ids.count
    guard room < second.ids.count else { return [template.assemble(first, second, withOffsets: withOffsets)] }
    guard room > 0, room > stride else {
      throw TruncationError(strategy: .onlySecond, tokens: second.ids.count, excess: second.ids.count - room)
    }
    return Self.windows(count: second.ids.count, size: room, stride: stride, side: side).map {
      template.assemble(first, second[$0], withOffsets: withOffsets)
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
