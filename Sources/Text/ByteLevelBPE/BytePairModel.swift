/// Byte pair encoding over an alphabet of bytes (Sennrich et al. 2016, arXiv:1508.07909; Radford et al. 2019).
///
/// A word starts as its bytes. Of all neighbours the pair with the lowest rank is merged, the leftmost first, until no
/// pair has a rank.
struct BytePairModel: TokenModel {
  let vocabulary: Vocabulary
  let unknown: Int32?
  /// Whether a word that is a token is not cut (`ignore_merges`).
  let ignoresMerges: Bool
  /// Whether neighbouring bytes that the vocabulary lacks are one unknown token.
  let fusesUnknown: Bool
  private let mergesHash: UInt64
  /// The token of each byte, or -1.
  private let bytes: [Int32]
  private let merges: MergeTable

  /// - Parameters:
  ///   - merges: pairs in the order of their ranks, in the spelling of the vocabulary.
  /// - Throws: `VocabularyError` where the vocabulary lacks a part of a pair, or what it becomes.
  init(
    vocabulary: Vocabulary, merges pairs: [(ArraySlice<UInt8>, ArraySlice<UInt8>)], mergesFile: String,
    unknown: Int32? = nil, ignoresMerges: Bool = false, fusesUnknown: Bool = false
  ) throws {
    (self.vocabulary, self.unknown) = (vocabulary, unknown)
    (self.ignoresMerges, self.fusesUnknown) = (ignoresMerges, fusesUnknown)
    bytes = (0..<256).map { vocabulary.id(of: ByteAlphabet.spelling[$0]) ?? -1 }
    var table = MergeTable(count: pairs.count)
    var hash = TokenHash()
    for (rank, (left, right)) in pairs.enumerated() {
      for byte in left { hash.combine(byte) }
      hash.combine(0x20)
      for byte in right { hash.combine(byte) }
      hash.combine(0x0A)
      func id(_ spelling: some Collection<UInt8>) throws -> Int32 {
        if let id = vocabulary.id(of: Array(spelling)) { return id }
        throw VocabularyError.unsupported(
          file: mergesFile,
          problem: "merge \(rank + 1) needs the token \(String(decoding: spelling, as: UTF8.self)), which the "
            + "vocabulary lacks", remedy: "give the merges that belong to the vocabulary")
      }
      table.insert(left: try id(left), right: try id(right), rank: Int32(rank), merged: try id(left + right))
    }
    self.merges = table
    mergesHash = hash.value
  }

  var fingerprint: [String] {
    ["BPE", "\(mergesHash)", "\(ignoresMerges)", "\(fusesUnknown)", "\(unknown ?? -1)"]
  }

  func cut(_ word: UnsafeBufferPointer<UInt8>, into tokens: inout WordTokens) {
    if ignoresMerges, let id = vocabulary.id(of: ByteAlphabet.spelled(word)) {
      return tokens.append(id, length: word.count)
    }
    let start = tokens.ids.count
    var isUnknown = false
    for byte in word {
      let id = bytes[Int(byte)]
      if id >= 0 {
        tokens.append(id, length: 1)
      } else if let unknown, isUnknown, fusesUnknown {
        tokens.lengths[tokens.ids.count - 1] += 1
        _ = unknown
      } else if let unknown {
        tokens.append(unknown, length: 1)
      }
      isUnknown = id < 0
    }
    if tokens.ids.count - start > 48 {
      mergeMany(from: start, &tokens)
    } else {
      mergeFew(from: start, &tokens)
    }
  }

  /// Looks all pairs through for every merge, which is the fastest for words of some bytes.
  private func mergeFew(from start: Int, _ tokens: inout WordTokens) {
    var count = tokens.ids.count - start
    guard count > 1 else { return }
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { pairs in
      tokens.ids.withUnsafeMutableBufferPointer { all in
        let ids = UnsafeMutableBufferPointer(rebasing: all[start...])
        for index in 0..<count - 1 { pairs[index] = merges.pair(ids[index], ids[index + 1]) }
        while true {
          var (best, place) = (MergeTable.none, 0)
          for index in 0..<count - 1 where pairs[index] < best { (best, place) = (pairs[index], index) }
          guard best != MergeTable.none else { break }
          ids[place] = MergeTable.merged(best)
          tokens.lengths[start + place] += tokens.lengths[start + place + 1]
          count -= 1
          for index in place + 1..<max(count, place + 1) {
            ids[index] = ids[index + 1]
            pairs[index] = index < count - 1 ? pairs[index + 1] : MergeTable.none
            tokens.lengths[start + index] = tokens.lengths[start + index + 1]
          }
          if place > 0 { pairs[place - 1] = merges.pair(ids[place - 1], ids[place]) }
          pairs[place] = place < count - 1 ? merges.pair(ids[place], ids[place + 1]) : MergeTable.none
        }
      }
    }
    tokens.ids.removeLast(tokens.ids.count - start - count)
    tokens.lengths.removeLast(tokens.lengths.count - start - count)
  }

  /// Takes the pairs from a heap, for words without end.
  private func mergeMany(from start: Int, _ tokens: inout WordTokens) {
    let count = tokens.ids.count - start
    var next = (1...count).map { $0 }
    var previous = (0..<count).map { $0 - 1 }
    var isGone = [Bool](repeating: false, count: count)
    var heap = PairHeap()
    func push(_ place: Int) {
      guard place >= 0, next[place] < count else { return }
      let pair = merges.pair(tokens.ids[start + place], tokens.ids[start + next[place]])
      if pair != MergeTable.none { heap.push(PairHeap.Entry(pair: pair, place: place)) }
    }
    for place in 0..<count { push(place) }
    while let entry = heap.pop() {
      let place = entry.place
      guard !isGone[place], next[place] < count else { continue }
      let right = next[place]
      guard merges.pair(tokens.ids[start + place], tokens.ids[start + right]) == entry.pair else { continue }
      tokens.ids[start + place] = MergeTable.merged(entry.pair)
      tokens.lengths[start + place] += tokens.lengths[start + right]
      isGone[right] = true
      next[place] = next[right]
      if next[right] < count { previous[next[right]] = place }
      push(previous[place])
      push(place)
    }
    var kept = start
    for place in 0..<count where !isGone[place] {
      (tokens.ids[kept], tokens.lengths[kept]) = (tokens.ids[start + place], tokens.lengths[start + place])
      kept += 1
    }
    tokens.ids.removeLast(start + count - kept)
    tokens.lengths.removeLast(start + count - kept)
  }
}

/// The characters that stand for bytes in a vocabulary: printable ones for themselves, the others from U+0100 on.
enum ByteAlphabet {
  /// The UTF-8 of each byte's character.
  static let spelling: [[UInt8]] = {
    var next: UInt32 = 0x100
    return (0..<256).map { byte -> [UInt8] in
      let isPrintable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
      let value = isPrintable ? UInt32(byte) : next
      if !isPrintable { next += 1 }
      return Array(UTF8.encode(Unicode.Scalar(value)!)!)
    }
  }()

  static func spelled(_ word: UnsafeBufferPointer<UInt8>) -> [UInt8] { word.flatMap { spelling[Int($0)] } }
}
