/// The input of an encoder for one row, without padding.
public struct Encoding: Sendable, Equatable {
  /// The special tokens and those of the text, or of both texts, in the order of the model's template.
  public var ids: [Int32]
  /// The type of each token: 1 for the second text of a pair where the model distinguishes them, else 0.
  public var typeIDs: [Int32]
  /// The index of the word in its text that each token is from; -1 for special tokens.
  public var words: [Int32]
  /// The Unicode scalars of its text that each token stands for, 0..<0 for special tokens; empty where nobody asked.
  public var offsets: [Range<Int32>]

  public init(ids: [Int32], typeIDs: [Int32], words: [Int32], offsets: [Range<Int32>] = []) {
    precondition(ids.count == typeIDs.count && ids.count == words.count, "columns of different lengths")
    precondition(offsets.isEmpty || offsets.count == ids.count, "columns of different lengths")
    self.ids = ids
    self.typeIDs = typeIDs
    self.words = words
    self.offsets = offsets
  }
}

/// The tokens of one text, without special tokens around them.
public struct TextTokens: Sendable, Equatable {
  public var ids: [Int32] = []
  /// The index of the word that each token is from, from 0.
  public var words: [Int32] = []
  /// The Unicode scalars of the text that each token stands for; empty where nobody asked.
  public var offsets: [Range<Int32>] = []

  public init() {}

  @inline(__always)
  mutating func append(_ id: Int32, word: Int32) {
    ids.append(id)
    words.append(word)
  }

  mutating func removeLast(_ count: Int) {
    ids.removeLast(count)
    words.removeLast(count)
    if !offsets.isEmpty { offsets.removeLast(count) }
  }

  /// A part of the tokens.
  subscript(range: Range<Int>) -> TextTokens {
    var part = TextTokens()
    part.ids = Array(ids[range])
    part.words = Array(words[range])
    if !offsets.isEmpty { part.offsets = Array(offsets[range]) }
    return part
  }

  /// Cuts the tokens to a number of them.
  mutating func keep(_ count: Int, at side: Truncation.Side) {
    let excess = ids.count - count
    guard excess > 0 else { return }
    switch side {
    case .right: removeLast(excess)
    case .left: self = self[excess..<ids.count]
    }
  }
}

/// Where the special tokens of a model stand around a text, or around two.
public struct TokenTemplate: Sendable, Equatable {
  /// A place of the template, and the type of the tokens there.
  public enum Part: Sendable, Equatable {
    case special(Int32, type: Int32)
    /// The text, or the first of two.
    case text(type: Int32)
    /// The second text.
    case pair(type: Int32)
  }

  public var single: [Part]
  public var pair: [Part]

  public init(single: [Part], pair: [Part]) {
    self.single = single
    self.pair = pair
  }

  /// The number of special tokens around a text, or around two.
  func specialCount(hasPair: Bool) -> Int {
    (hasPair ? pair : single).count { if case .special = $0 { true } else { false } }
  }

  func assemble(_ first: TextTokens, _ second: TextTokens?, withOffsets hasOffsets: Bool) -> Encoding {
    let parts = second == nil ? single : pair
    let count = first.ids.count + (second?.ids.count ?? 0) + parts.count
    var (ids, types, words): ([Int32], [Int32], [Int32]) = ([], [], [])
    var offsets: [Range<Int32>] = []
    ids.reserveCapacity(count)
    types.reserveCapacity(count)
    words.reserveCapacity(count)
    for part in parts {
      switch part {
      case .special(let id, let type):
        ids.append(id)
        types.append(type)
        words.append(-1)
        if hasOffsets { offsets.append(0..<0) }
      case .text(let type): add(first, type)
      case .pair(let type): if let second { add(second, type) }
      }
    }
    func add(_ tokens: TextTokens, _ type: Int32) {
      ids += tokens.ids
      types += repeatElement(type, count: tokens.ids.count)
      words += tokens.words
      offsets += tokens.offsets
    }
    return Encoding(ids: ids, typeIDs: types, words: words, offsets: offsets)
  }
}
