import Optimizers
import Tensors
import Testing

struct WeightHashTests {
  /// The definition in plain words: 32 lanes of 64 bits, then SplitMix64's finalizer over the lanes.
  private func naive(_ words: [UInt64], bytes: Int) -> UInt64 {
    func finish(_ value: UInt64) -> UInt64 {
      var hash = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
      hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
      return hash ^ hash >> 31
    }
    var lanes = (1...32).map { UInt64($0) &* 0xC2B2_AE3D_27D4_EB4F }
    for start in stride(from: 0, to: words.count, by: 32) {
      for lane in 0..<32 {
        let word = start + lane < words.count ? words[start + lane] : 0
        let product = (lanes[lane] ^ word) &* 0x9E37_79B1_85EB_CA87
        lanes[lane] = product << 31 | product >> 33
      }
    }
    return lanes.reduce(UInt64(bytes)) { finish($0 ^ $1) }
  }

  private func naive(_ values: ArraySlice<Float>) -> UInt64 {
    var words: [UInt64] = []
    for (position, value) in values.enumerated() {
      if position % 2 == 0 { words.append(0) }
      words[words.count - 1] |= UInt64(value.bitPattern) << (position % 2 == 0 ? 0 : 32)
    }
    return naive(words, bytes: values.count * 4)
  }

  @Test("the hash is the stated function of the bits", arguments: [0, 1, 2, 63, 64, 65, 1000, 262_144, 600_001])
  func definition(count: Int) {
    let arena = Arena(layout: ArenaLayout([("weight", Shape([count + 3]))]))
    for index in 0..<count + 3 { arena.pointer[index] = Float(index % 977) * 0.37 - 100 }
    let values = Array(arena.values[3..<count + 3])
    let blocks = stride(from: 0, to: count, by: 262_144).map { naive(values[$0..<min($0 + 262_144, count)]) }
    let expected = naive(blocks, bytes: blocks.count * 8)
    for threads in [1, 3] {
      #expect(WeightHash.hash(arena, range: 3..<count + 3, workers: Workers(count: threads)) == expected)
    }
  }

  @Test("any flipped bit, two flipped signs, exchanged values and the sign of zero change the hash")
  func changes() {
    let arena = Arena(layout: ArenaLayout([("weight", [4096])]))
    for index in 0..<4096 { arena.pointer[index] = Float(index) }
    var seen: Set<UInt64> = [WeightHash.hash(arena)]
    func expectNew(_ comment: Comment) {
      #expect(seen.insert(WeightHash.hash(arena)).inserted, comment)
    }
    for bit in 0..<32 {
      arena.pointer[100] = Float(bitPattern: Float(100).bitPattern ^ 1 << bit)
      expectNew("bit \(bit)")
    }
    arena.pointer[100] = 100
    for other in stride(from: 65, to: 4096, by: 64) {
      (arena.pointer[1], arena.pointer[other]) = (-1, -Float(other))
      expectNew("signs of 1 and \(other)")
      (arena.pointer[1], arena.pointer[other]) = (Float(other), 1)
      expectNew("1 and \(other) exchanged")
      (arena.pointer[1], arena.pointer[other]) = (1, Float(other))
    }
    arena.pointer[0] = -0.0
    expectNew("minus zero")
  }
}
