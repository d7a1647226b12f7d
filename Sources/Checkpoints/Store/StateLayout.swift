/// Where the named tensors of one flat Float32 buffer lie.
///
/// Two spaces of element numbers matter. In the *arena* a tensor begins at its `offset`, and there may be padding
/// between tensors. In the *packed* space the same tensors follow each other without padding, in the order of the
/// layout; checkpoints are cut there, so that a file does not depend on how its writer aligned its memory.
public struct StateLayout: Equatable, Sendable {
  /// One tensor of the arena.
  public struct Slot: Equatable, Sendable {
    /// The tensor's name in the Hugging Face checkpoint.
    public let name: String
    /// The extents, outermost first.
    public let shape: [Int]
    /// The tensor's first element in the arena.
    public let offset: Int
    /// The tensor's elements in the packed space.
    public let packed: Range<Int>
  }

  /// The tensors in their order.
  public let slots: [Slot]
  /// The elements of all tensors together, without padding.
  public let count: Int

  private let index: [String: Int]

  /// A layout of tensors with different names and at least one element each; offsets count elements of the arena.
  public init(_ tensors: [(name: String, shape: [Int], offset: Int)]) {
    guard let layout = Self.checked(tensors) else {
      preconditionFailure("tensors of an arena with equal names, no elements or impossible places: \(tensors)")
    }
    self = layout
  }

  /// A layout without padding.
  public init(packing tensors: [(name: String, shape: [Int])]) {
    var offset = 0
    self.init(
      tensors.map { name, shape in
        defer { offset += shape.reduce(1, *) }
        return (name, shape, offset)
      })
  }

  /// The layout of tensors that come from a file, or nil when there can be no such arena.
  static func checked(_ tensors: [(name: String, shape: [Int], offset: Int)]) -> StateLayout? {
    var slots: [Slot] = []
    var index: [String: Int] = [:]
    var count = 0
    for (name, shape, offset) in tensors {
      var elements = 1
      for extent in shape {
        let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
        guard extent > 0, !overflow else { return nil }
        elements = product
      }
      // Bytes must be countable too, so the sum stays below a quarter of what an Int holds.
      guard elements <= Int.max / 4 - count, offset >= 0, offset <= Int.max - elements else { return nil }
      guard index.updateValue(slots.count, forKey: name) == nil else { return nil }
      slots.append(Slot(name: name, shape: shape, offset: offset, packed: count..<count + elements))
      count += elements
    }
    return StateLayout(slots: slots, count: count, index: index)
  }

  private init(slots: [Slot], count: Int, index: [String: Int]) {
    self.slots = slots
    self.count = count
    self.index = index
  }

  /// The slot of the tensor `name`, or nil when the arena has none.
  public subscript(name: String) -> Slot? { index[name].map { slots[$0] } }

  /// The length of the shortest buffer that holds every tensor, in elements.
  var extent: Int { slots.map { $0.offset + $0.packed.count }.max() ?? 0 }

  /// The same tensors without padding, as a checkpoint keeps them.
  var packed: StateLayout {
    StateLayout(packing: slots.map { ($0.name, $0.shape) })
  }

  /// Rank `rank`'s share of the packed space when `ranks` ranks write: equal parts, cut at multiples of 64 bytes.
  func share(of rank: Int, of ranks: Int) -> Range<Int> {
    precondition(ranks > 0 && (0..<ranks).contains(rank), "rank \(rank) of \(ranks)")
    func cut(_ rank: Int) -> Int {
      rank == ranks ? count : (count / ranks * rank + count % ranks * rank / ranks) / 16 * 16
    }
    return cut(rank)..<cut(rank + 1)
  }

  /// The elements of the arena in which rank `rank`'s share lies; those of all ranks together are the whole arena.
  /// - Parameter extent: the elements of the arena, with whatever padding follows the last tensor.
  package func arenaShare(of rank: Int, of ranks: Int, extent: Int) -> Range<Int> {
    let share = share(of: rank, of: ranks)
    func place(_ packed: Int) -> Int {
      guard packed > 0, let slot = slots.first(where: { $0.packed.contains(packed) }) else {
        return packed == 0 ? 0 : extent
      }
      return slot.offset + packed - slot.packed.lowerBound
    }
    return place(share.lowerBound)..<place(share.upperBound)
  }

  /// A tensor, or the part of one, that lies in a range of the packed space.
  struct Piece: Equatable {
    /// The tensor's name; with `[begin:end]` appended, counting its elements, when only a part is meant.
    let name: String
    /// The tensor's shape, or the part's length.
    let shape: [Int]
    /// The piece's elements in the arena.
    let arena: Range<Int>
  }

  /// What `range` of the packed space consists of, in order and without holes.
  func pieces(in range: Range<Int>) -> [Piece] {
    slots.compactMap { slot in
      let part = slot.packed.clamped(to: range)
      guard !part.isEmpty else { return nil }
      let (begin, end) = (part.lowerBound - slot.packed.lowerBound, part.upperBound - slot.packed.lowerBound)
      let arena = slot.offset + begin..<slot.offset + end
      guard part != slot.packed else { return Piece(name: slot.name, shape: slot.shape, arena: arena) }
      return Piece(name: "\(slot.name)[\(begin):\(end)]", shape: [part.count], arena: arena)
    }
  }
}
