/// A token that is found in a text before the text is cut into pieces, under the names of the library `tokenizers`.
public struct AddedToken: Sendable, Equatable {
  /// The token as it is spelled.
  public var content: String
  /// Whether it is found only where no word character stands before or behind it (`single_word`).
  public var isSingleWord = false
  /// Whether it takes the white space before it (`lstrip`).
  public var stripsLeft = false
  /// Whether it takes the white space behind it (`rstrip`).
  public var stripsRight = false
  /// Whether it is looked for, normalised, in the normalised text (`normalized`).
  public var isNormalized: Bool
  /// Whether it is one of the model's own marks (`special`); only reading texts back depends on it.
  public var isSpecial: Bool

  public init(_ content: String, isSpecial: Bool, isNormalized: Bool? = nil) {
    self.content = content
    self.isSpecial = isSpecial
    self.isNormalized = isNormalized ?? !isSpecial
  }

  /// Spellings are compared byte by byte.
  public static func == (one: Self, other: Self) -> Bool {
    one.finds(sameAs: other) && one.isSpecial == other.isSpecial
  }

  /// Whether both are found in the same places of every text.
  func finds(sameAs other: Self) -> Bool {
    content.utf8.elementsEqual(other.content.utf8) && isSingleWord == other.isSingleWord
      && stripsLeft == other.stripsLeft && stripsRight == other.stripsRight && isNormalized == other.isNormalized
  }
}
