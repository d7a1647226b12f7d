/// The library's `BertNormalizer` over a text whose bytes remember where they came from.
struct TrackedNormalizer {
  let options: TokenizerOptions

  func normalized(_ stretch: UnsafeBufferPointer<UInt8>, at offset: Int) -> TrackedText {
    var text = TrackedText(stretch, at: offset, isTracked: true)
    var scratch = TrackedText(isTracked: true)
    clean(&text)
    if options.stripAccents {
      TextStep.form(.nfd).apply(to: &text, &scratch)
      scratch.removeAll()
      text.eachScalar { scalar, range in
        if !ScalarSet.marks.contains(scalar.value) { scratch.append(range, of: text) }
      }
      swap(&text, &scratch)
    }
    if options.lowercase { TextStep.lowercase.apply(to: &text, &scratch) }
    return text
  }

  /// Drops control characters, makes blanks of white space, and puts blanks around ideographs.
  private func clean(_ text: inout TrackedText) {
    var result = TrackedText(isTracked: true)
    let blank = CollectionOfOne(UInt8(ascii: " "))
    text.eachScalar { scalar, range in
      if Self.isDropped(scalar) { return }
      if scalar == "\n" || scalar == "\r" || ScalarProperties.isSpace(scalar) {
        return result.append(blank, like: range.lowerBound, of: text)
      }
      let isWord = options.tokenizeChineseCharacters && ScalarProperties.isIdeograph(scalar)
      if isWord { result.append(blank, like: range.lowerBound, of: text) }
      result.append(range, of: text)
      if isWord { result.append(blank, like: range.lowerBound, of: text) }
    }
    text = result
  }

  private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80
      ? ScalarProperties.kind(ascii: UInt8(scalar.value)) == .dropped : ScalarSet.dropped.contains(scalar.value)
  }
}
