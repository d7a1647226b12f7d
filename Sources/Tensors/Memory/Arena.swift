/// Where each named tensor lies in a flat arena.
///
/// All arenas of a model (weights, gradients, moments, shadows) share one layout, so reducing, updating, averaging,
/// saving and hashing are single passes over memory, and a bucket of gradients is just a range.
public struct ArenaLayout: Sendable, Equatable {
  public struct Slice: Sendable, Equatable {
    public let name: String
    public let shape: Shape
    /// In elements, a multiple of 16 so that every tensor starts on a cache line.
    public let offset: Int

    public var range: Range<Int> { offset..<offset + shape.count }
  }

  public let slices: [Slice]

  /// Elements of the whole arena; the gaps between slices are always zero.
  public let count: Int

  private let indexByName: [String: Int]

  /// Lays out the tensors in the given order. Two tensors of one name trap.
  public init(_ tensors: [(name: String, shape: Shape)]) {
    var offset = 0
    var slices: [Slice] = []
    for (name, shape) in tensors {
      slices.append(Slice(name: name, shape: shape, offset: offset))
      offset += (shape.count + 15) / 16 * 16
    }
    self.slices = slices
    count = offset
    indexByName = Dictionary(slices.enumerated().map { ($1.name, $0) }) { first, second in
      preconditionFailure("two tensors are named \(slices[first].name) (positions \(first) and \(second))")
    }
  }

  public subscript(name: String) -> Slice? { indexByName[name].map { slices[$0] } }
}

/// One flat, aligned, zero-initialised buffer of Float32 with named slices: one kind of state of a model.
public final class Arena {
  public let layout: ArenaLayout
  public let pointer: UnsafeMutablePointer<Float>

  public var count: Int { layout.count }
  public var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }

  public init(layout: ArenaLayout) {
    self.layout = layout
    pointer = AlignedMemory.allocate(layout.count)
    pointer.update(repeating: 0, count: layout.count)
  }

  /// The values of one tensor, or nil where the layout has no such name.
  public subscript(name: String) -> UnsafeMutableBufferPointer<Float>? {
    layout[name].map { UnsafeMutableBufferPointer(start: pointer + $0.offset, count: $0.shape.count) }
  }

  /// Copies all values of an arena of the same layout.
  public func copy(from other: Arena) {
    precondition(count == other.count, "arenas of \(count) and \(other.count) elements cannot be copied")
    pointer.update(from: other.pointer, count: count)
  }

  deinit { AlignedMemory.release(pointer) }
}
