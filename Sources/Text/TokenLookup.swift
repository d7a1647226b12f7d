import Support

/// The FNV-1a hash of a token's bytes, which can be continued byte by byte.
struct TokenHash {
  private var hash = FNV1a()
  var value: UInt64 { hash.value }

  @inline(__always)
  mutating func combine(_ byte: UInt8) { hash.add(byte) }

  /// The first slot to look at; the upper half is mixed in because FNV-1a's low bits are its weak ones.
  @inline(__always)
  func slot(mask: Int) -> Int { Int(truncatingIfNeeded: value ^ value >> 32) & mask }
}

/// A vocabulary's hash table, seen through pointers that are valid during `Vocabulary.withLookup`.
struct TokenLookup {
  let slots: UnsafeBufferPointer<Int32>
  let bytes: UnsafeBufferPointer<UInt8>
  let offsets: UnsafeBufferPointer<Int32>

  /// The id of the token that consists of `prefix` bytes already matched by their hash ("##") and of these bytes.
  @inline(__always)
  func id(of token: UnsafeBufferPointer<UInt8>, hash: TokenHash, behind prefix: Int) -> Int32? {
    let mask = slots.count - 1
    var slot = hash.slot(mask: mask)
    while true {
      let id = slots[slot]
      if id < 0 { return nil }
      let start = Int(offsets[Int(id)])
      let length = Int(offsets[Int(id) + 1]) - start
      if length == prefix + token.count, isEqual(token, at: start + prefix), hasContinuationMark(start, prefix) {
        return id
      }
      slot = (slot + 1) & mask
    }
  }

  @inline(__always)
  private func isEqual(_ token: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    for index in 0..<token.count where bytes[start + index] != token[index] { return false }
    return true
  }

  @inline(__always)
  private func hasContinuationMark(_ start: Int, _ prefix: Int) -> Bool {
    prefix == 0 || bytes[start] == UInt8(ascii: "#") && bytes[start + 1] == UInt8(ascii: "#")
  }
}
