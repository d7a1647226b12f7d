/// Finds tokens in a text: the leftmost match first, of several the longest.
struct TokenPatterns: Sendable {
  private struct Pattern: Sendable {
    let bytes: [UInt8]
    let id: Int32
    let token: AddedToken

    @inline(__always)
    func matches(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
      guard position + bytes.count <= text.count else { return false }
      for index in 0..<bytes.count where text[position + index] != bytes[index] { return false }
      return true
    }
  }

  /// In the order of their first bytes, then the longest first.
  private let patterns: [Pattern]
  /// The patterns that start with byte b are `starts[b] ..< starts[b + 1]`.
  private let starts: [Int]

  var isEmpty: Bool { patterns.isEmpty }

  /// - Parameter tokens: what each is spelled like in the texts that are searched, which is not empty.
  init(_ tokens: [(spelling: [UInt8], id: Int32, token: AddedToken)]) {
    patterns = tokens.map { Pattern(bytes: $0.spelling, id: $0.id, token: $0.token) }
      .sorted { ($0.bytes[0], -$0.bytes.count) < ($1.bytes[0], -$1.bytes.count) }
    var starts = [Int](repeating: 0, count: 257)
    for pattern in patterns { starts[Int(pattern.bytes[0]) + 1] += 1 }
    for byte in 0..<256 { starts[byte + 1] += starts[byte] }
    self.starts = starts
  }

  /// A token of a text, or a stretch between tokens that is not empty.
  enum Part {
    /// Its id, and its bytes with the white space that it takes.
    case token(Int32, Range<Int>)
    case text(UnsafeBufferPointer<UInt8>)
  }

  /// Cuts a text at the tokens in it and hands over its parts in order.
  func split(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Part) -> Void) {
    var rest = 0
    var position = 0
    while position < bytes.count {
      guard let pattern = longest(in: bytes, at: position) else {
        position += 1
        continue
      }
      let found = position..<position + pattern.bytes.count
      position = found.upperBound
      if pattern.token.isSingleWord, Self.isInsideWord(found, of: bytes) { continue }
      let spaces = pattern.token.stripsLeft ? Whitespace.start(of: bytes, before: found.lowerBound) : found.lowerBound
      let start = max(spaces, rest)
      if rest < start { body(.text(UnsafeBufferPointer(rebasing: bytes[rest..<start]))) }
      rest = pattern.token.stripsRight ? Whitespace.end(of: bytes, from: found.upperBound) : found.upperBound
      body(.token(pattern.id, start..<rest))
    }
    if rest < bytes.count { body(.text(UnsafeBufferPointer(rebasing: bytes[rest...]))) }
  }

  @inline(__always)
  private func longest(in bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Pattern? {
    let first = Int(bytes[position])
    let candidates = starts[first]..<starts[first + 1]
    guard !candidates.isEmpty else { return nil }
    for index in candidates where patterns[index].matches(bytes, at: position) { return patterns[index] }
    return nil
  }

  /// Whether a word character touches a stretch of the text.
  private static func isInsideWord(_ range: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if range.lowerBound > 0, ScalarProperties.isWord(UTF8Decoding.scalar(in: bytes, before: range.lowerBound).scalar) {
      return true
    }
    return range.upperBound < bytes.count
      && ScalarProperties.isWord(UTF8Decoding.scalar(in: bytes, at: range.upperBound).scalar)
  }
}
