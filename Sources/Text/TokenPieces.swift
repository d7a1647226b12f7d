extension WordPieceTokenizer {
  public func piece(of id: Int32) -> TokenPiece {
    if let added = addedTokens.entries.first(where: { $0.id == id }) { return TokenPiece(word: added.token.content) }
    let spelling = vocabulary.token(at: id) ?? ""
    guard spelling.utf8.starts(with: "##".utf8), spelling.utf8.count > 2 else { return TokenPiece(word: spelling) }
    return TokenPiece(bytes: Array(spelling.utf8.dropFirst(2)), startsWord: false, text: spelling)
  }
}

extension PipelineTokenizer {
  func piece(of id: Int32) -> TokenPiece {
    if let entry = added.entries.first(where: { $0.id == id }) { return TokenPiece(word: entry.token.content) }
    return model.piece(spelled: model.vocabulary.token(at: id) ?? "")
  }
}

extension BytePairModel {
  func piece(spelled spelling: String) -> TokenPiece {
    let bytes = spelling.unicodeScalars.compactMap { ByteAlphabet.bytes[$0] }
    let blanks = bytes.prefix { [0x09, 0x0A, 0x20].contains($0) }.count
    return TokenPiece(bytes.dropFirst(blanks), isMarked: blanks > 0)
  }
}

extension UnigramModel {
  func piece(spelled spelling: String) -> TokenPiece {
    let mark = Array("▁".utf8)
    let isMarked = spelling.utf8.starts(with: mark)
    return TokenPiece(spelling.utf8.dropFirst(isMarked ? mark.count : 0), isMarked: isMarked)
  }
}

extension ByteAlphabet {
  /// The byte of each character.
  static let bytes: [Unicode.Scalar: UInt8] = {
    let scalars = spelling.map { String(decoding: $0, as: UTF8.self).unicodeScalars.first! }
    return Dictionary(uniqueKeysWithValues: zip(scalars, (0...255).map { UInt8($0) }))
  }()
}
