/// Seeded damage to real inputs.
struct Mutation {
  /// Damage that knows the format. It is given a source of numbers below a bound.
  typealias Damage = (inout [UInt8], (Int) -> Int) -> Void

  private var state: UInt64
  let seeds: [[UInt8]]
  private let ownDamage: Damage?

  /// Texts that parsers stumble over: extremes of numbers, brackets, bytes that are no UTF-8.
  private static let words: [[UInt8]] =
    [
      "99999999999999999999", "-1", "0", "1e999", "NaN", "-0.0", "9223372036854775807", "4294967296", "null", "true",
      "{",
      "}", "[", "]", "\"", "'", ",", ":", "\\", "\\u0000", "\\ud800", "\n", "\r\n", "\t", "#", "&a", "*a", "|", "- ",
      ": ", " ",
      "é", "花", "\u{200d}", "\u{feff}", "=",
    ].map { Array($0.utf8) } + [
      [0], [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x1f, 0x8b], [0x7f],
    ]

  /// - Parameter ownDamage: half of all damage, where there is one.
  init(seed: UInt64, of seeds: [[UInt8]], ownDamage: Damage? = nil) {
    // Mixed, because neighbouring states of SplitMix64 are the same stream.
    state = Self.mixed(seed &+ 1)
    self.seeds = seeds
    self.ownDamage = ownDamage
  }

  /// One of the seeds, damaged once to four times.
  mutating func next() -> [UInt8] {
    var bytes = seeds[draw(seeds.count)]
    for _ in 0...draw(4) {
      if let ownDamage, draw(2) == 0 { ownDamage(&bytes) { draw($0) } } else { damage(&bytes) }
    }
    return bytes
  }

  mutating func draw(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Int(Self.mixed(state) % UInt64(max(1, bound)))
  }

  /// The output of SplitMix64 for a state.
  private static func mixed(_ state: UInt64) -> UInt64 {
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  private mutating func range(_ bytes: [UInt8], atMost: Int) -> Range<Int> {
    let first = draw(bytes.count)
    return first..<min(bytes.count, first + 1 + draw(atMost))
  }

  private mutating func damage(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = draw(bytes.count)
    let word = Self.words[draw(Self.words.count)]
    switch draw(10) {
    case 0: bytes[place] ^= 1 << UInt8(draw(8))
    case 1: bytes[place] = UInt8(draw(256))
    case 2: bytes.insert(contentsOf: word, at: place)
    case 3: bytes.replaceSubrange(range(bytes, atMost: 12), with: word)
    case 4: bytes.removeSubrange(range(bytes, atMost: 24))
    case 5: bytes.removeSubrange(place...)
    case 6: bytes.insert(contentsOf: bytes[range(bytes, atMost: 64)], at: place)
    case 7:
      let other = seeds[draw(seeds.count)]
      if !other.isEmpty { bytes.insert(contentsOf: other[range(other, atMost: 64)], at: place) }
    case 8:
      let first = range(bytes, atMost: 8)
      bytes.replaceSubrange(first, with: bytes[first].reversed())
    default:
      // Depth and length: rarely, because it makes long inputs.
      guard draw(64) == 0 else { return }
      bytes.insert(contentsOf: (0..<(1 << draw(14))).flatMap { _ in word }, at: place)
    }
  }
}
