/// What a token stands for in a text.
public struct TokenPiece: Sendable, Equatable {
  /// Its bytes, without the mark of a word's beginning: UTF-8, of byte-level vocabularies perhaps a part of a character.
  public let bytes: [UInt8]
  /// Whether a word begins with it: as the vocabulary marks it, and with every ideograph and kana, between which texts have no
  /// blanks.
  public let startsWord: Bool
  /// As people read it: `##ing`, or with a blank before the beginning of a word.
  public let text: String

  init(bytes: [UInt8], startsWord: Bool, text: String) {
    (self.bytes, self.startsWord, self.text) = (bytes, startsWord, text)
  }

  /// A token that is a whole word.
  init(word: String) { self.init(bytes: Array(word.utf8), startsWord: true, text: word) }

  /// A token of a vocabulary that writes a blank before words.
  init(_ bytes: some Sequence<UInt8>, isMarked: Bool) {
    let bytes = Array(bytes)
    self.init(
      bytes: bytes, startsWord: isMarked || Self.isUnspaced(bytes),
      text: (isMarked ? " " : "") + String(decoding: bytes, as: UTF8.self))
  }

  /// Whether the first character is of a script without blanks, as its first bytes show: U+3000 to U+9FFF, U+20000 and beyond.
  private static func isUnspaced(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first else { return false }
    return 0xE3...0xE9 ~= first || first == 0xF0 && bytes.count > 1 && bytes[1] >= 0xA0
  }
}
