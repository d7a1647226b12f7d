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
      fatalError("two tensors are named \(slices[first].name) (positions \(first) and \(second))")
    }
  }

  public subscript(name: String) -> Slice? { indexByName[name].map { slices[$0] } }
}

/// One flat, aligned, zero-initialised buffer of Float32 with named slices: one kind of state of a model, or a part of it.
public final class Arena {
  public let layout: ArenaLayout
  /// The elements of the layout that are here: all of them, but where ranks keep a part each.
  public let range: Range<Int>
  /// The first element that is here.
  public let pointer: UnsafeMutablePointer<Float>
  /// Whose memory it is, where it is not the arena's own.
  private let owner: AnyObject?

  /// Elements that are here.
  public var count: Int { range.count }
  public var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }

  /// - Parameter range: the elements of the layout that are to be here; all by default.
  public init(layout: ArenaLayout, range: Range<Int>? = nil) {
    self.layout = layout
    self.range = range ?? 0..<layout.count
    require(
      self.range.lowerBound >= 0 && self.range.upperBound <= layout.count, "\(self.range) of \(layout.count) elements")
    pointer = AlignedMemory.allocate(self.range.count)
    pointer.update(repeating: 0, count: self.range.count)
    owner = nil
  }

  /// All of the layout, over another owner's memory, which is kept for as long: at least `layout.count` floats, all zero.
  package init(layout: ArenaLayout, at pointer: UnsafeMutablePointer<Float>, of owner: AnyObject) {
    self.layout = layout
    range = 0..<layout.count
    self.pointer = pointer
    self.owner = owner
  }

  /// The values of one tensor, or nil where the layout has no such name or not all of them are here.
  public subscript(name: String) -> UnsafeMutableBufferPointer<Float>? {
    guard let slice = layout[name], holds(slice.range) else { return nil }
    return UnsafeMutableBufferPointer(start: pointer(to: slice.range), count: slice.shape.count)
  }

  /// The first of some elements of the layout, all of which must be here.
  package func pointer(to elements: Range<Int>) -> UnsafeMutablePointer<Float> {
    require(holds(elements), "elements \(elements) of an arena that holds \(range)")
    return pointer + (elements.lowerBound - range.lowerBound)
  }

  private func holds(_ elements: Range<Int>) -> Bool {
    range.lowerBound <= elements.lowerBound && elements.upperBound <= range.upperBound
  }

  /// Copies the values from an arena of the same layout that holds all elements of this one.
  public func copy(from other: Arena) {
    require(
      layout.count == other.layout.count,
      "arenas of \(layout.count) and \(other.layout.count) elements cannot be copied")
    pointer.update(from: other.pointer(to: range), count: count)
  }

  deinit { if owner == nil { AlignedMemory.release(pointer) } }
}
