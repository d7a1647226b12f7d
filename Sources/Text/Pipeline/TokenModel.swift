/// Cuts words into tokens of a vocabulary: what differs between byte-level BPE and Unigram.
protocol TokenModel: Sendable {
  var vocabulary: Vocabulary { get }
  /// The token of what the vocabulary does not have.
  var unknown: Int32? { get }
  /// All that tokens depend on beside the vocabulary.
  var fingerprint: [String] { get }
  /// What a token of the vocabulary stands for, by its spelling.
  func piece(spelled spelling: String) -> TokenPiece
  /// Appends the tokens of a word in valid UTF-8, which is not empty.
  func cut(_ word: UnsafeBufferPointer<UInt8>, into tokens: inout WordTokens)
}

/// The tokens of words, and the bytes that each is made of.
struct WordTokens {
  var ids: [Int32] = []
  var lengths: [Int32] = []

  @inline(__always)
  mutating func append(_ id: Int32, length: Int) {
    ids.append(id)
    lengths.append(Int32(length))
  }

  mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
  }
}
