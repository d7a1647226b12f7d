import Foundation

/// A Unicode normalization form, as the library computes it: with tables that are older than Foundation's.
enum NormalizationForm: String, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  private var isCompatible: Bool { self == .nfkc || self == .nfkd }
  private var composes: Bool { self == .nfc || self == .nfkc }

  /// Whether the form may change a text; false only where it does not.
  func mayChange(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        if bytes[position] < 0x80 {
          position += 1
          continue
        }
        let (scalar, length) = UTF8Decoding.scalar(in: bytes, at: position)
        if !isInert(scalar) { return true }
        position += length
      }
      return false
    }
  }

  /// Appends a text in this form. Characters that stand apart stay, and nothing moves past them.
  func rewrite(_ text: borrowing TrackedText, into result: inout TrackedText) {
    var (rest, end) = (0, 0)
    text.eachScalar { scalar, range in
      end = range.upperBound
      guard isInert(scalar) ? scalar.value > 0xFFFF : standsApart(scalar) else { return }
      append(rest..<range.lowerBound, of: text, to: &result)
      result.append(range, of: text)
      rest = range.upperBound
    }
    append(rest..<end, of: text, to: &result)
  }

  private func append(_ range: Range<Int>, of text: borrowing TrackedText, to result: inout TrackedText) {
    guard result.isTracked else {
      result.bytes.append(contentsOf: converted(String(decoding: text.bytes[range], as: UTF8.self)).utf8)
      return
    }
    // No character composes with one of another cluster.
    var position = range.lowerBound
    while position < range.upperBound, let cluster = GraphemeClusters.next(in: text.bytes, from: position) {
      let cluster = cluster.lowerBound..<min(cluster.upperBound, range.upperBound)
      appendCluster(cluster, of: text, to: &result)
      position = cluster.upperBound
    }
  }

  /// Appends a cluster with the origins that the library gives: a character stands for those that it was made of, and
  /// all that one became stand for that one.
  private func appendCluster(_ range: Range<Int>, of text: borrowing TrackedText, to result: inout TrackedText) {
    let cluster = String(decoding: text.bytes[range], as: UTF8.self)
    let olds = UTF8Decoding.starts(in: text.bytes, range)
    let pieces = reorderedPieces(of: cluster)
    var (piece, place) = (0, 0)
    for scalar in converted(cluster).unicodeScalars {
      let size = composes ? max(1, decomposed(String(scalar)).unicodeScalars.count) : 1
      // What the library calls the change: 1 for an inserted character, −n for one that stands for n more.
      let firsts = pieces[min(piece, pieces.count)..<min(piece + size, pieces.count)].count { $0.isFirst }
      let origin = firsts > 0 ? place : place - 1
      result.append(Array(String(scalar).utf8), like: olds[max(0, min(origin, olds.count - 1))], of: text)
      place += firsts
      piece += size
    }
  }

  /// What a cluster decomposes into, in canonical order, marks by their class behind their starter: whether each piece
  /// is the first of its character, and its class.
  private func reorderedPieces(of cluster: String) -> [(isFirst: Bool, order: UInt8)] {
    var pieces: [(isFirst: Bool, order: UInt8)] = []
    for scalar in cluster.unicodeScalars {
      for (index, piece) in decomposed(String(scalar)).unicodeScalars.enumerated() {
        pieces.append((index == 0, piece.properties.canonicalCombiningClass.rawValue))
      }
    }
    for index in pieces.indices.dropFirst() {
      var place = index
      while place > 0, pieces[place].order > 0, pieces[place - 1].order > pieces[place].order {
        pieces.swapAt(place, place - 1)
        place -= 1
      }
    }
    return pieces
  }

  private func decomposed(_ text: String) -> String {
    isCompatible ? text.decomposedStringWithCompatibilityMapping : text.decomposedStringWithCanonicalMapping
  }

  private func converted(_ text: String) -> String {
    switch self {
    case .nfc: text.precomposedStringWithCanonicalMapping
    case .nfd: text.decomposedStringWithCanonicalMapping
    // In two steps: what a compatibility mapping gives is neither composed nor put in order otherwise.
    case .nfkc: text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
    case .nfkd: text.decomposedStringWithCompatibilityMapping.decomposedStringWithCanonicalMapping
    }
  }

  /// Whether a text of such characters alone stays as it is; true for common ones alone.
  private func isInert(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    switch value {
    case 0..<0x80, 0x410...0x418, 0x41A...0x438, 0x43A...0x44F, 0x3400...0x9FFF, 0x20000...0x2A6DF: return true
    case 0x2013...0x2016, 0x2018...0x2023, 0x3001...0x3029, 0x1F300...0x1FAFF: return true
    default: break
    }
    if isCompatible { return false }
    if !composes { return ScalarProperties.isInert(scalar) }
    switch value {
    case 0x80..<0x300, 0x388...0x482, 0x48A...0x52F, 0x2010...0x2027, 0x2030...0x205E, 0x3030...0x303F: return true
    case 0x3041...0x3094, 0x30A1...0x30FA, 0xAC00...0xD7A3, 0xFF01...0xFFEF: return true
    default: return false
    }
  }

  private static let newCompatible = ScalarSet([
    0x32FF, 0x32FF, 0xA7F2, 0xA7F4, 0xAB69, 0xAB69, 0x10781, 0x107BA, 0x1E030, 0x1E06D, 0x1F16C, 0x1F16C,
    0x1FBF0, 0x1FBF9,
  ])

  /// Characters beyond U+FFFF that compose with one before or behind them.
  private static let composing = ScalarSet([
    0x11099, 0x1109B, 0x110A5, 0x110A5, 0x110BA, 0x110BA, 0x11127, 0x11127, 0x11131, 0x11132, 0x1133E, 0x1133E,
    0x11347, 0x11347, 0x11357, 0x11357, 0x114B0, 0x114B0, 0x114B9, 0x114BA, 0x114BD, 0x114BD, 0x115AF, 0x115AF,
    0x115B8, 0x115B9,
  ])

  /// Whether a character stays as it is and nothing moves past it: because the library does not know it, or because it
  /// has no part in any form. Of the latter those beyond U+FFFF matter, which Foundation composes as if they were the
  /// characters of their lower 16 bits.
  private func standsApart(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value == 0x11938 || isCompatible && Self.newCompatible.contains(scalar.value) { return true }
    if scalar.properties.canonicalCombiningClass != .notReordered { return !ScalarProperties.isMark(scalar) }
    guard scalar.value > 0xFFFF, !Self.composing.contains(scalar.value) else { return false }
    return decomposed(String(scalar)).unicodeScalars.elementsEqual(CollectionOfOne(scalar))
  }
}
