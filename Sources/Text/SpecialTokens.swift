/// The reserved tokens of a BERT model as they are spelled in its vocabulary and in texts.
public struct SpecialTokenNames: Sendable, Equatable {
  public var padding = "[PAD]"
  public var unknown = "[UNK]"
  public var classification = "[CLS]"
  public var separator = "[SEP]"
  public var mask = "[MASK]"

  public init() {}

  /// In the order in which the library adds those that a vocabulary lacks.
  var all: [String] { [unknown, separator, padding, classification, mask] }
}

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

  /// Looks every reserved token up.
  /// - Throws: `VocabularyError` that names those that are missing.
  init(_ names: SpecialTokenNames, file: String, lookUp: (String) -> Int32?) throws {
    let spellings = [names.padding, names.unknown, names.classification, names.separator, names.mask]
    let ids = spellings.map(lookUp)
    let missing = zip(spellings, ids).filter { $0.1 == nil }.map(\.0)
    guard missing.isEmpty else { throw VocabularyError.missingSpecialTokens(file: file, tokens: missing) }
    let found = ids.compactMap { $0 }
    (padding, unknown, classification, separator, mask) = (found[0], found[1], found[2], found[3], found[4])
  }
}
