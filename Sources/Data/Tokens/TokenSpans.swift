import Text

extension TokenRows {
  /// Appends a question before each window of its context, and the place of every token.
  mutating func append(
    question: String, context: String, in windows: RowWindows, _ tokenizer: any Tokenizer, _ maximumLength: Int
  ) throws(WindowError) {
    let all = try tokenizer.windows(
      of: context, after: question, maximumLength: maximumLength, stride: windows.stride,
      side: tokenizer.truncation.side, most: RowWindows.most, withOffsets: true)
    let special = tokenizer.template.specialsAroundPair
    let first = special.before + tokenizer.tokens(of: question, withOffsets: false).ids.count
    var places: [Range<Int>] = []
    for window in all {
      let own = first..<window.ids.count - special.behind
      places += window.offsets.enumerated().map { token, place in
        own.contains(token) ? Int(place.lowerBound)..<Int(place.upperBound) : 0..<0
      }
      append(window)
    }
    words?.append(context, places, starts: places.indices.map { (Int32($0), 1) })
  }
}

extension TokenTemplate {
  /// The special tokens of a pair before its second text, and behind it.
  fileprivate var specialsAroundPair: (before: Int, behind: Int) {
    func count(_ parts: ArraySlice<Part>) -> Int { parts.count { if case .special = $0 { true } else { false } } }
    let place = pair.firstIndex { if case .pair = $0 { true } else { false } } ?? pair.endIndex
    return (count(pair[..<place]), count(pair[place...]))
  }
}
