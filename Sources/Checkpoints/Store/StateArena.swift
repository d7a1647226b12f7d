/// One kind of state in the memory of this rank: every rank holds all of it, and writes its share.
public struct StateArena {
  /// The kind of state: "weights", "first_moment" …; letters, digits, "-" and "_".
  public let kind: String
  /// Where its tensors lie.
  public let layout: StateLayout
  /// The elements; valid and unchanged while they are written.
  public let values: UnsafeBufferPointer<Float>

  /// An arena whose buffer holds every tensor of its layout.
  public init(kind: String, layout: StateLayout, values: UnsafeBufferPointer<Float>) {
    precondition(FileRecord.isPlain(kind), "\(kind) is no name for a kind of state")
    precondition(values.count >= layout.extent, "\(kind): \(values.count) elements for a layout of \(layout.extent)")
    self.kind = kind
    self.layout = layout
    self.values = values
  }
}
