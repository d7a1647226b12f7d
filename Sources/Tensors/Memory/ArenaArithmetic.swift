extension Arena {
  /// Adds another arena of the same layout, element by element.
  public func add(_ other: Arena) { add(other, in: range) }

  /// Adds some elements of another arena of the same layout.
  package func add(_ other: Arena, in elements: Range<Int>) {
    require(
      layout.count == other.layout.count,
      "arenas of \(layout.count) and \(other.layout.count) elements cannot be added")
    let sum = pointer(to: elements)
    Kernels.add(sum, sum, other.pointer(to: elements), elements.count)
  }

  /// Whether every bit of a range is zero; a negative zero is not.
  package func isZero(_ range: Range<Int>) -> Bool { Kernels.isZero(pointer + range.lowerBound, range.count) }
}
