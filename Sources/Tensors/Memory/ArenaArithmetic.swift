extension Arena {
  /// Adds another arena of the same layout, element by element.
  public func add(_ other: Arena) {
    precondition(count == other.count, "arenas of \(count) and \(other.count) elements cannot be added")
    Kernels.add(pointer, pointer, other.pointer, count)
  }

  /// Whether every bit of a range is zero; a negative zero is not.
  package func isZero(_ range: Range<Int>) -> Bool { Kernels.isZero(pointer + range.lowerBound, range.count) }
}
