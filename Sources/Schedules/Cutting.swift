/// How a range of bytes is cut among ranks and into segments.
package enum Cutting {
  /// Chunk `index` of `parts`: nearly equal, borders on whole cache lines.
  package static func chunk(_ index: Int, of parts: Int, bytes: Int) -> Range<Int> {
    func border(_ index: Int) -> Int {
      index == parts ? bytes : bytes / 64 * index / parts * 64
    }
    return border(index)..<border(index + 1)
  }

  /// The segments of a range; one empty segment for an empty range, so that it still has a frame that says so.
  package static func segments(_ range: Range<Int>, of length: Int) -> [Range<Int>] {
    if range.isEmpty { return [range] }
    return stride(from: range.lowerBound, to: range.upperBound, by: length).map {
      $0..<min($0 + length, range.upperBound)
    }
  }
}
