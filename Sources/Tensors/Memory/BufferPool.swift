/// Memory for the intermediate values of a step, kept from step to step so that the steady state allocates nothing.
///
/// Batches differ in length, so a block serves any request down to a third of its size, and where a larger one must be
/// made a free one that has become too small is given up for it: what is held stays near the largest step, not near the sum
/// over all lengths. A pool belongs to one rank and is used from its training thread alone.
public final class BufferPool {
  /// Free blocks by capacity, and the capacities in order.
  private var free: [Int: [UnsafeMutablePointer<Float>]] = [:]
  private var capacities: [Int] = []

  /// Bytes this pool holds.
  private(set) var heldBytes = 0

  /// The most bytes this pool has ever held: the high-water mark of a step's intermediate values.
  public private(set) var allocatedBytes = 0

  /// A free block serves requests down to this fraction of it; of a fourth, vectors of BERT's hidden size would take the
  /// blocks of its feed-forward layer, four times as wide.
  private static let spread = 3

  public init() {}

  /// A block of at least `count` floats, 64-byte aligned, with undefined contents; it comes back by itself when its last
  /// owner lets go of it.
  package func take(_ count: Int) -> Buffer {
    let wanted = Self.sizeClass(for: count)
    if let capacity = fitting(wanted...wanted * Self.spread, last: false), let pointer = free[capacity]?.popLast() {
      return Buffer(pointer: pointer, capacity: capacity, pool: self)
    }
    if let small = fitting(wanted / Self.spread...wanted, last: true), let pointer = free[small]?.popLast() {
      AlignedMemory.release(pointer)
      heldBytes -= small * MemoryLayout<Float>.stride
    }
    heldBytes += wanted * MemoryLayout<Float>.stride
    allocatedBytes = max(allocatedBytes, heldBytes)
    return Buffer(pointer: AlignedMemory.allocate(wanted), capacity: wanted, pool: self)
  }

  /// The first or last capacity in a range of which a block is free.
  private func fitting(_ range: ClosedRange<Int>, last: Bool) -> Int? {
    func isFree(_ capacity: Int) -> Bool { range.contains(capacity) && free[capacity]?.isEmpty == false }
    return last ? capacities.last(where: isFree) : capacities.first(where: isFree)
  }

  fileprivate func give(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
    if free[capacity] == nil {
      free[capacity] = []
      capacities.insert(capacity, at: capacities.firstIndex { $0 > capacity } ?? capacities.count)
    }
    free[capacity]?.append(pointer)
  }

  /// Rounds up in steps of an eighth of the leading power of two: batches of slightly different lengths share blocks, and
  /// at most an eighth of the address space (not of the touched memory) is slack.
  static func sizeClass(for count: Int) -> Int {
    guard count > 128 else { return 128 }
    let step = max(16, (1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)) >> 3)
    return (count + step - 1) / step * step
  }

  deinit {
    for block in free.values.joined() { AlignedMemory.release(block) }
  }
}

/// One block of a pool, returned to it when the last reference goes.
package final class Buffer {
  package let pointer: UnsafeMutablePointer<Float>
  private let capacity: Int
  private let pool: BufferPool

  fileprivate init(pointer: UnsafeMutablePointer<Float>, capacity: Int, pool: BufferPool) {
    self.pointer = pointer
    self.capacity = capacity
    self.pool = pool
  }

  deinit { pool.give(pointer, capacity: capacity) }
}
