/// The character map of a sentencepiece model (`precompiled_charsmap`): a double-array trie over UTF-8 spellings, and
/// the spellings that take their places.
///
/// It is asked for whole grapheme clusters of up to five bytes first, then for single characters, and the first spelling
/// that the trie meets counts, as in the library.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  /// Replacements, each with a zero behind it.
  private let replacements: [UInt8]
  /// Where the replacement of an ASCII character starts, or -1.
  private let ascii: [Int32]
  /// Names the map among others.
  let fingerprint: String

  /// Nil where the bytes are not such a map.
  init?(_ blob: [UInt8]) {
    guard blob.count >= 4 else { return nil }
    func number(_ offset: Int) -> UInt32 {
      UInt32(blob[offset]) | UInt32(blob[offset + 1]) << 8 | UInt32(blob[offset + 2]) << 16
        | UInt32(blob[offset + 3]) << 24
    }
    let size = Int(number(0))
    guard size % 4 == 0, size >= 4, size <= blob.count - 4 else { return nil }
    units = (0..<size / 4).map { number(4 + 4 * $0) }
    replacements = Array(blob[(4 + size)...])
    guard String(validating: replacements, as: UTF8.self) != nil else { return nil }
    var hash = TokenHash()
    for byte in blob { hash.combine(byte) }
    fingerprint = "\(hash.value)"
    let (units, replacements) = (units, replacements)
    ascii = (0..<128).map { byte in
      Self.place(of: CollectionOfOne(UInt8(byte)), units: units, replacements: replacements) ?? -1
    }
  }

  /// Where the replacement of the shortest spelling that these bytes begin with starts.
  private static func place(of bytes: some Collection<UInt8>, units: [UInt32], replacements: [UInt8]) -> Int32? {
    var node = offset(units[0])
    for byte in bytes {
      guard byte != 0 else { return nil }
      node ^= Int(byte)
      guard node < units.count else { return nil }
      let unit = units[node]
      guard unit & (1 << 31 | 0xFF) == UInt32(byte) else { return nil }
      node ^= offset(unit)
      guard unit >> 8 & 1 == 1 else { continue }
      guard node < units.count else { return nil }
      let place = Int(units[node] & 0x7FFF_FFFF)
      guard place < replacements.count, replacements[place] & 0xC0 != 0x80 else { return nil }
      return Int32(place)
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 1 << 9) >> 6) }

  private func place(of bytes: some Collection<UInt8>) -> Int32? {
    Self.place(of: bytes, units: units, replacements: replacements)
  }

  private func replacement(_ place: Int32) -> ArraySlice<UInt8> {
    let start = Int(place)
    return replacements[start..<(replacements[start...].firstIndex(of: 0) ?? replacements.count)]
  }

  func rewrite(_ text: borrowing TrackedText, into result: inout TrackedText) {
    guard !text.isTracked else {
      var changes = TextChanges()
      eachPart(of: text) { range, place in
        if place < 0 { changes.keep(text.bytes[range]) } else { changes.replace(text.bytes[range], replacement(place)) }
      }
      return changes.apply(to: text, into: &result)
    }
    var rest = 0
    eachPart(of: text) { range, place in
      guard place >= 0 else { return }
      result.bytes.append(contentsOf: text.bytes[rest..<range.lowerBound])
      result.bytes.append(contentsOf: replacement(place))
      rest = range.upperBound
    }
    result.bytes.append(contentsOf: text.bytes[rest...])
  }

  /// Calls a closure with the parts of a text and the place of what replaces each, or -1.
  @inline(__always)
  private func eachPart(of text: borrowing TrackedText, _ body: (Range<Int>, Int32) -> Void) {
    var position = 0
    while let range = GraphemeClusters.next(in: text.bytes, from: position) {
      position = range.upperBound
      if range.count == 1 {
        body(range, ascii[Int(text.bytes[range.lowerBound])])
      } else if range.count < 6, let place = place(of: text.bytes[range]) {
        body(range, place)
      } else {
        var start = range.lowerBound
        while start < range.upperBound {
          let end = start + UTF8Decoding.length(text.bytes[start])
          body(start..<end, place(of: text.bytes[start..<end]) ?? -1)
          start = end
        }
      }
    }
  }
}

/// Characters that take the places of those of a text, as the library counts them: a change of 0 replaces a character,
/// 1 is inserted behind it, and −n replaces it and n more.
private struct TextChanges {
  private var changes: [(bytes: ArraySlice<UInt8>, count: Int)] = []

  mutating func keep(_ bytes: ArraySlice<UInt8>) {
    each(of: bytes) { changes.append(($0, 0)) }
  }

  /// The library forgets characters that go before any other one; those behind them then stand for them.
  mutating func replace(_ old: ArraySlice<UInt8>, _ new: ArraySlice<UInt8>) {
    var (oldCount, newCount) = (0, 0)
    each(of: old) { _ in oldCount += 1 }
    each(of: new) {
      newCount += 1
      changes.append(($0, newCount > oldCount ? 1 : 0))
    }
    if newCount < oldCount, !changes.isEmpty { changes[changes.count - 1].count -= oldCount - newCount }
  }

  private func each(of bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end = start + UTF8Decoding.length(bytes[start])
      body(bytes[start..<end])
      start = end
    }
  }

  func apply(to text: borrowing TrackedText, into result: inout TrackedText) {
    let starts = UTF8Decoding.starts(in: text.bytes, text.bytes.indices)
    var place = 0
    for (bytes, count) in changes {
      result.append(bytes, like: starts[max(0, min(place - (count > 0 ? 1 : 0), starts.count - 1))], of: text)
      if count <= 0 { place += 1 - count }
    }
  }
}

/// Cuts texts into extended grapheme clusters.
enum GraphemeClusters {
  /// The cluster that starts at a position; nil at the end.
  static func next(in bytes: [UInt8], from position: Int) -> Range<Int>? {
    guard position < bytes.count else { return nil }
    let first = bytes[position]
    let end = position + UTF8Decoding.length(first)
    guard end < bytes.count else { return position..<end }
    let second = bytes[end]
    if first < 0x80, second < 0x80 { return position..<(first == 0x0D && second == 0x0A ? end + 1 : end) }
    if standsAlone(bytes, position), standsAlone(bytes, end) { return position..<end }
    // A cluster of the standard library, looked for in growing stretches.
    var stretch = 64
    while true {
      var stop = min(bytes.count, position + stretch)
      while stop < bytes.count, bytes[stop] & 0xC0 == 0x80 { stop += 1 }
      let text = String(decoding: bytes[position..<stop], as: UTF8.self)
      let size = text[text.startIndex].utf8.count
      if position + size < stop || stop == bytes.count { return position..<position + size }
      stretch *= 4
    }
  }

  /// Whether a character never shares a cluster with others of the kind; true for common ones alone.
  private static func standsAlone(_ bytes: [UInt8], _ position: Int) -> Bool {
    let first = bytes[position]
    if first < 0x80 { return first >= 0x20 && first != 0x7F }
    let value =
      switch UTF8Decoding.length(first) {
      case 2: UInt32(first & 0x1F) << 6 | UInt32(bytes[position + 1] & 0x3F)
      case 3: UInt32(first & 0xF) << 12 | UInt32(bytes[position + 1] & 0x3F) << 6 | UInt32(bytes[position + 2] & 0x3F)
      default: UInt32(0)
      }
    return switch value {
    case 0xAE...0x2FF, 0x370...0x3FF, 0x400...0x482, 0x48A...0x52F: true
    case 0x2010...0x2027, 0x3001...0x3029, 0x3041...0x3096, 0x30A1...0x30FA, 0x3400...0x9FFF, 0xFF01...0xFF9D: true
    default: false
    }
  }
}
