/// One kind of state in the memory of this rank, which writes its share: every rank holds all of it, or the share alone.
public struct StateArena {
  /// The kind of state: "weights", "first_moment" …; letters, digits, "-" and "_".
  public let kind: String
  /// Where its tensors lie.
  public let layout: StateLayout
  /// The elements of the arena that this rank holds.
  public let range: Range<Int>
  /// Those elements; valid and unchanged while they are written.
  public let values: UnsafeBufferPointer<Float>

  /// - Parameter range: what the buffer holds; by default it begins with the arena and holds every tensor of the layout.
  public init(
    kind: String, layout: StateLayout, range: Range<Int>? = nil, values: UnsafeBufferPointer<Float>
  ) {
    precondition(FileRecord.isPlain(kind), "\(kind) cannot be the name of a kind of state")
    self.kind = kind
    self.layout = layout
    self.range = range ?? 0..<max(values.count, layout.extent)
    self.values = values
    precondition(values.count == self.range.count, "\(kind): \(values.count) elements for \(self.range)")
  }

  /// Some elements of the arena, all of which this rank must hold.
  func elements(_ elements: Range<Int>) -> UnsafeBufferPointer<Float> {
    precondition(
      range.lowerBound <= elements.lowerBound && elements.upperBound <= range.upperBound,
      "\(kind): elements \(elements) of an arena that holds \(range)")
    let start = elements.lowerBound - range.lowerBound
    return UnsafeBufferPointer(rebasing: values[start..<start + elements.count])
  }
}
