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

/// The ids of the tokens that stand around texts, or have another special meaning.
public struct SpecialTokens: Sendable, Equatable {
  /// `[PAD]` or `<pad>`; nil where the model has none.
  public let padding: Int32?
  /// `[UNK]` or `<unk>`; nil where the model has none.
  public let unknown: Int32?
  /// `[CLS]` or `<s>`
  public let classification: Int32
  /// `[SEP]` or `</s>`
  public let separator: Int32
  /// `[MASK]` or `<mask>`; nil where the model has none.
  public let mask: Int32?

  init(padding: Int32?, unknown: Int32?, classification: Int32, separator: Int32, mask: Int32?) {
    (self.padding, self.unknown, self.classification) = (padding, unknown, classification)
    (self.separator, self.mask) = (separator, mask)
  }

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
