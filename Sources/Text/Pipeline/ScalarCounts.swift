/// The scalars of a text before each of its bytes: inside a character, those before the character.
struct ScalarCounts {
  private let counts: [Int32]

  init(_ text: UnsafeBufferPointer<UInt8>) {
    var counts = [Int32](repeating: 0, count: text.count + 1)
    var count: Int32 = 0
    for (index, byte) in text.enumerated() {
      if byte & 0xC0 != 0x80 { count += 1 }
      counts[index] = count - 1
    }
    counts[text.count] = count
    self.counts = counts
  }

  subscript(byte: Int) -> Int32 { counts[byte] }
  subscript(byte: Int32) -> Int32 { counts[Int(byte)] }

  /// The scalars that a stretch of a rewritten text stands for.
  func range(_ range: Range<Int>, of origins: [TrackedText.Origin]) -> Range<Int32> {
    let last = max(range.lowerBound, range.upperBound - 1)
    guard last < origins.count else { return 0..<0 }
    let start = self[origins[range.lowerBound].start]
    return start..<max(start, self[origins[last].end])
  }
}
