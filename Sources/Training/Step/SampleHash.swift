/// A 64-bit hash of sample ids in their order, whose parts are made by different ranks and joined:
///
///     hash = Σ mix(id of place i) · B^(n - 1 - i)   modulo 2⁶⁴,   B = 0x9E3779B97F4A7C15
///
/// where mix(id) is SplitMix64's finalizer of id + B. So it does not depend on how the ids were cut into microbatches.
package struct SampleHash: Equatable, Sendable {
  package private(set) var value: UInt64 = 0

  private static let base: UInt64 = 0x9E37_79B9_7F4A_7C15

  package init(_ ids: [Int] = []) {
    for id in ids { value = value &* Self.base &+ Self.mix(UInt64(bitPattern: Int64(id)) &+ Self.base) }
  }

  init(value: UInt64) { self.value = value }

  /// Appends the hash of `count` ids.
  package mutating func append(_ other: SampleHash, count: Int) {
    for _ in 0..<count { value = value &* Self.base }
    value = value &+ other.value
  }

  private static func mix(_ word: UInt64) -> UInt64 {
    var hash = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
    return hash ^ hash >> 31
  }
}
