import Synchronization

/// The tokens of words seen before: a table in which a new word takes the place of the one in its slot.
///
/// Whoever finds it in use by another thread works without it.
final class WordCache: Sendable {
  private let memory: Mutex<Memory>

  /// - Parameter tokens: of the vocabulary; a small one has few words.
  init(tokens: Int) { memory = Mutex(Memory(tokens: tokens)) }

  /// Calls a closure with the table, or with an empty one where it is in use.
  func use<Result>(_ body: (inout Memory?) -> Result) -> Result {
    let result: Result? = memory.withLockIfAvailable { memory in
      var own: Memory? = memory
      // One reference alone, so that the table is changed in place.
      memory = Memory(tokens: nil)
      let result = body(&own)
      if let own { memory = own }
      return result
    }
    if let result { return result }
    var none: Memory?
    return body(&none)
  }

  struct Memory {
    private static let longestWord = 24
    private static let mostTokens = 8

    /// Words of 24 bytes, with zeros behind shorter ones.
    private var words: [UInt64] = []
    private var sizes: [UInt8] = []
    private var counts: [UInt8] = []
    private var ids: [Int32] = []
    private var lengths: [Int32] = []
    private let mask: Int

    /// - Parameter tokens: of the vocabulary; nil for a table that nobody looks into.
    init(tokens: Int?) {
      var slots = 64
      while slots < min(1 << 13, (tokens ?? 0) / 2) { slots *= 2 }
      mask = slots - 1
      guard tokens != nil else { return }
      words = [UInt64](repeating: 0, count: 3 * slots)
      sizes = [UInt8](repeating: 0, count: slots)
      counts = [UInt8](repeating: 0, count: slots)
      ids = [Int32](repeating: 0, count: Self.mostTokens * slots)
      lengths = [Int32](repeating: 0, count: Self.mostTokens * slots)
    }

    /// A short word as three numbers.
    private struct Key {
      var (first, second, third): (UInt64, UInt64, UInt64) = (0, 0, 0)

      @inline(__always)
      init(_ word: UnsafeBufferPointer<UInt8>) {
        first = Self.number(word, 0)
        if word.count > 8 { second = Self.number(word, 8) }
        if word.count > 16 { third = Self.number(word, 16) }
      }

      @inline(__always)
      private static func number(_ word: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt64 {
        if word.count >= start + 8 {
          return UnsafeRawPointer(word.baseAddress! + start).loadUnaligned(as: UInt64.self)
        }
        var number: UInt64 = 0
        var shift: UInt64 = 0
        for index in start..<word.count {
          number |= UInt64(word[index]) << shift
          shift += 8
        }
        return number
      }

      @inline(__always)
      func hash(_ size: Int) -> Int {
        var hash = (first ^ UInt64(size)) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 29 ^ second) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 32 ^ third) &* 0x94D0_49BB_1331_11EB
        return Int(hash >> 51)
      }
    }

    /// Appends the tokens of a word, which a model cuts where it is not known.
    @inline(__always)
    mutating func cut(
      _ word: UnsafeBufferPointer<UInt8>, by model: some TokenModel, into tokens: inout WordTokens
    ) {
      guard word.count <= Self.longestWord else { return model.cut(word, into: &tokens) }
      let key = Key(word)
      let slot = key.hash(word.count) & mask
      if sizes[slot] == word.count, words[3 * slot] == key.first, words[3 * slot + 1] == key.second,
        words[3 * slot + 2] == key.third
      {
        let start = Self.mostTokens * slot
        for index in start..<start + Int(counts[slot]) {
          tokens.ids.append(ids[index])
          tokens.lengths.append(lengths[index])
        }
        return
      }
      let before = tokens.ids.count
      model.cut(word, into: &tokens)
      let count = tokens.ids.count - before
      guard count <= Self.mostTokens else { return }
      (words[3 * slot], words[3 * slot + 1], words[3 * slot + 2]) = (key.first, key.second, key.third)
      (sizes[slot], counts[slot]) = (UInt8(word.count), UInt8(count))
      for index in 0..<count {
        ids[Self.mostTokens * slot + index] = tokens.ids[before + index]
        lengths[Self.mostTokens * slot + index] = tokens.lengths[before + index]
      }
    }
  }
}
