/// The most probable way to cut a word into pieces (Kudo 2018, arXiv:1804.10959), as the library computes it.
struct UnigramModel: TokenModel {
  let vocabulary: Vocabulary
  let unknown: Int32?
  /// Whether an unknown stretch becomes the pieces of its bytes, where the vocabulary has all of them.
  let fallsBackToBytes: Bool
  private let scores: [Double]
  private let unknownScore: Double
  private let trie: PieceTrie
  /// The pieces `<0x00>` to `<0xFF>`, or -1.
  private let bytes: [Int32]
  private let scoresHash: UInt64

  /// - Parameters:
  ///   - pieces: in the order of their ids.
  ///   - scores: their logarithmic probabilities, finite.
  /// - Throws: `VocabularyError`.
  init(pieces: [ArraySlice<UInt8>], scores: [Double], unknown: Int32?, fallsBackToBytes: Bool, file: String) throws {
    precondition(pieces.count == scores.count, "\(pieces.count) pieces with \(scores.count) scores")
    vocabulary = try Vocabulary(tokens: pieces, hasEmpty: pieces.contains { $0.isEmpty }, file: file)
    (self.scores, self.unknown, self.fallsBackToBytes) = (scores, unknown, fallsBackToBytes)
    unknownScore = (scores.min() ?? 0) - 10
    trie = PieceTrie(pieces)
    let digits = Array("0123456789ABCDEF")
    let vocabulary = vocabulary
    bytes = (0..<256).map { vocabulary.id(of: "<0x\(digits[$0 >> 4])\(digits[$0 & 15])>") ?? -1 }
    var hash = TokenHash()
    for score in scores {
      for shift in 0..<8 { hash.combine(UInt8(truncatingIfNeeded: score.bitPattern >> (8 * shift))) }
    }
    scoresHash = hash.value
  }

  var fingerprint: [String] { ["Unigram", "\(scoresHash)", "\(unknown ?? -1)", "\(fallsBackToBytes)"] }

  /// The best way to an end of a stretch.
  private struct Node {
    var score = 0.0
    var start: Int32 = -1
    var piece: Int32 = -1
  }

  func cut(_ word: UnsafeBufferPointer<UInt8>, into tokens: inout WordTokens) {
    withUnsafeTemporaryAllocation(of: Node.self, capacity: word.count + 1) { nodes in
      nodes.initialize(repeating: Node())
      search(word, nodes)
      collect(word, nodes, into: &tokens)
    }
  }

  private func search(_ word: UnsafeBufferPointer<UInt8>, _ nodes: UnsafeMutableBufferPointer<Node>) {
    scores.withUnsafeBufferPointer { scores in
      var start = 0
      while start < word.count {
        let before = nodes[start].score
        let single = start + UTF8Decoding.length(word[start])
        var hasSingle = false
        trie.eachPrefix(of: word, from: start) { piece, end in
          let score = scores[Int(piece)] + before
          if nodes[end].start < 0 || score > nodes[end].score {
            nodes[end] = Node(score: score, start: Int32(start), piece: piece)
          }
          if end == single { hasSingle = true }
        }
        if !hasSingle {
          let score = unknownScore + before
          if nodes[single].start < 0 || score > nodes[single].score {
            nodes[single] = Node(score: score, start: Int32(start), piece: unknown ?? -1)
          }
        }
        start = single
      }
    }
  }

  /// Follows the best way from the end; neighbouring unknown characters are one token.
  private func collect(
    _ word: UnsafeBufferPointer<UInt8>, _ nodes: UnsafeMutableBufferPointer<Node>, into tokens: inout WordTokens
  ) {
    let first = tokens.ids.count
    var end = word.count
    while end > 0 {
      let node = nodes[end]
      var start = Int(node.start)
      if node.piece != unknown ?? -1 {
        tokens.append(node.piece, length: end - start)
      } else {
        while start > 0, nodes[start].piece == node.piece { start = Int(nodes[start].start) }
        appendUnknown(UnsafeBufferPointer(rebasing: word[start..<end]), into: &tokens)
      }
      end = start
    }
    tokens.ids[first...].reverse()
    tokens.lengths[first...].reverse()
  }

  /// Appends the tokens of an unknown stretch, in reverse.
  private func appendUnknown(_ stretch: UnsafeBufferPointer<UInt8>, into tokens: inout WordTokens) {
    // Unknown characters together may be a piece, where it is less probable than they are.
    if let id = vocabulary.id(of: Array(stretch)) { return tokens.append(id, length: stretch.count) }
    if fallsBackToBytes, stretch.allSatisfy({ bytes[Int($0)] >= 0 }) {
      // Each byte stands for the whole stretch.
      for byte in stretch.reversed() { tokens.append(bytes[Int(byte)], length: 0) }
      tokens.lengths[tokens.ids.count - 1] = Int32(stretch.count)
      return
    }
    if let unknown { tokens.append(unknown, length: stretch.count) }
  }
}
