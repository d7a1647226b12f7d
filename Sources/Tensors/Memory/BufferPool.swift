/// Memory for the intermediate values of a step, kept from step to step so that the steady state allocates nothing.
///
/// A pool belongs to one rank and is used from its training thread alone.
public final class BufferPool {
  private var free: [Int: [UnsafeMutablePointer<Float>]] = [:]

  /// Bytes this pool has ever asked of the system: the high-water mark of a step's intermediate values.
  public private(set) var allocatedBytes = 0

  public init() {}

  /// A block of at least `count` floats, 64-byte aligned, with undefined contents; it comes back by itself when its last
  /// owner lets go of it.
  package func take(_ count: Int) -> Buffer {
    let capacity = Self.sizeClass(for: count)
    if let pointer = free[capacity]?.popLast() { return Buffer(pointer: pointer, capacity: capacity, pool: self) }
    allocatedBytes += capacity * MemoryLayout<Float>.stride
    return Buffer(pointer: AlignedMemory.allocate(capacity), capacity: capacity, pool: self)
  }

  fileprivate func give(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
    free[capacity, default: []].append(pointer)
  }

  /// Rounds up in steps of an eighth of the leading power of two: batches of slightly different lengths share blocks, and
  /// at most an eighth of the address space (not of the touched memory) is slack.
  static func sizeClass(for count: Int) -> Int {
    guard count > 128 else { return 128 }
    let step = max(16, (1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)) >> 3)
    return (count + step - 1) / step * step
  }

  deinit {
    for block in free.values.joined() { AlignedMemory.free(block) }
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
