/// What a layout lacks, and has too much, beside another one.
public struct LayoutDifference: Equatable, Sendable, CustomStringConvertible {
  /// Tensors that the reader wants and the checkpoint lacks.
  public let missing: [String]
  /// Tensors that the checkpoint has and the reader does not want.
  public let unexpected: [String]
  /// Tensors that both have in different shapes, as "NAME [2, 3] instead of [3, 2]".
  public let reshaped: [String]

  /// Whether the tensors are the same.
  public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && reshaped.isEmpty }

  public var description: String {
    [("missing", missing), ("unexpected", unexpected), ("of another shape", reshaped)]
      .filter { !$0.1.isEmpty }
      .map { title, names in
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return "\(title): \(names.prefix(5).joined(separator: ", "))\(more)"
      }
      .joined(separator: "; ")
  }

  init(wanted: StateLayout, found: StateLayout) {
    missing = wanted.slots.map(\.name).filter { found[$0] == nil }
    unexpected = found.slots.map(\.name).filter { wanted[$0] == nil }
    reshaped = wanted.slots.compactMap { slot in
      guard let shape = found[slot.name]?.shape, shape != slot.shape else { return nil }
      return "\(slot.name) \(shape) instead of \(slot.shape)"
    }
  }
}
