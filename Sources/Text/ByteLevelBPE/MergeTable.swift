/// The pairs of tokens that are merged, by open addressing with linear probing.
struct MergeTable: Sendable {
  /// Of a pair that is not merged.
  static let none = UInt64.max

  private var keys: [UInt64]
  /// The rank of a pair above, what it becomes below.
  private var values: [UInt64]
  private let mask: Int

  init(count: Int) {
    var size = 16
    while size < 2 * count { size *= 2 }
    keys = [UInt64](repeating: .max, count: size)
    values = [UInt64](repeating: Self.none, count: size)
    mask = size - 1
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    let hash = (key ^ key >> 31) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: hash >> 32) & mask
  }

  /// A pair that is there already gets the new rank.
  mutating func insert(left: Int32, right: Int32, rank: Int32, merged: Int32) {
    let key = Self.key(left, right)
    var slot = slot(key)
    while keys[slot] != .max, keys[slot] != key { slot = (slot + 1) & mask }
    keys[slot] = key
    values[slot] = UInt64(UInt32(bitPattern: rank)) << 32 | UInt64(UInt32(bitPattern: merged))
  }

  /// The rank of two neighbours and what they become; pairs compare by their ranks.
  @inline(__always)
  func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    let key = Self.key(left, right)
    var slot = slot(key)
    while true {
      if keys[slot] == key { return values[slot] }
      if keys[slot] == .max { return Self.none }
      slot = (slot + 1) & mask
    }
  }

  @inline(__always)
  static func merged(_ pair: UInt64) -> Int32 { Int32(bitPattern: UInt32(truncatingIfNeeded: pair)) }
}

/// The pairs of one word, the lowest rank first, of equal ones the leftmost.
struct PairHeap {
  struct Entry {
    let pair: UInt64
    let place: Int

    static func < (one: Entry, other: Entry) -> Bool { (one.pair, one.place) < (other.pair, other.place) }
  }

  private var entries: [Entry] = []

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[child] < entries[(child - 1) / 2] {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Entry? {
    guard let first = entries.first else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < entries[parent] else { break }
      entries.swapAt(child, parent)
      parent = child
    }
    return first
  }
}
