/// The ids of the tokens that BERT reserves.
public struct SpecialTokens: Sendable, Equatable {
  /// `[PAD]`
  public let padding: Int32
  /// `[UNK]`
  public let unknown: Int32
  /// `[CLS]`
  public let classification: Int32
  /// `[SEP]`
  public let separator: Int32
  /// `[MASK]`
  public let mask: Int32

  /// The reserved tokens as they are spelled in the vocabulary and in texts.
  package static let spellings = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

  /// The ids in the order of the spellings.
  var ids: [Int32] { [padding, unknown, classification, separator, mask] }

  /// Looks every reserved token up.
  init(file: String, lookUp: (String) -> Int32?) throws {
    let ids = Self.spellings.map(lookUp)
    let missing = zip(Self.spellings, ids).filter { $0.1 == nil }.map(\.0)
    guard missing.isEmpty else { throw VocabularyError.missingSpecialTokens(file: file, tokens: missing) }
    let found = ids.compactMap { $0 }
    (padding, unknown, classification, separator, mask) = (found[0], found[1], found[2], found[3], found[4])
  }
}
