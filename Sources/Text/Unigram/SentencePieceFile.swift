import Support

/// The model of a sentencepiece file: its pieces, their scores, and how texts are normalised before.
///
/// The file is a protocol buffer (`sentencepiece_model.proto`), of which the fields below are read and the others
/// skipped. Lengths are checked before a byte is used.
struct SentencePieceFile {
  struct Piece {
    /// `NORMAL`, `CONTROL` and so on, by their numbers.
    enum Kind: UInt64 { case normal = 1, unknown, control, userDefined, unused, byte }

    var spelling: ArraySlice<UInt8> = []
    var score: Float = 0
    var kind = Kind.normal
  }

  let file: String
  private(set) var pieces: [Piece] = []
  private(set) var characterMap: ArraySlice<UInt8> = []
  private(set) var fallsBackToBytes = false
  private(set) var unknown = 0
  private var modelType: UInt64 = 1
  private var escapesBlanks = true
  private var suffixesBlanks = false

  init(contentsOf file: String) throws {
    self.file = file
    let bytes = try FileReader.bytes(of: file)
    guard bytes.count < 1 << 28 else { throw Self.wrong(file, "larger than \(1 << 28) bytes") }
    var reader = ProtocolBuffer(bytes[...])
    while let field = try reader.next(file) {
      switch (field.number, field.value) {
      case (1, .bytes(let bytes)): pieces.append(try Self.piece(bytes, file))
      case (2, .bytes(let bytes)): try readTrainer(bytes)
      case (3, .bytes(let bytes)): try readNormalizer(bytes)
      default: continue
      }
    }
    guard !pieces.isEmpty else { throw Self.wrong(file, "no piece in it") }
    guard modelType == 1 else {
      let names = ["", "unigram", "bpe", "word", "char"]
      let name = modelType < 5 ? names[Int(modelType)] : "\(modelType)"
      throw VocabularyError.unsupported(
        file: file, problem: "trainer_spec.model_type is \(name), and only unigram is computed here",
        remedy: "use a model with a unigram tokenizer")
    }
    guard escapesBlanks, !suffixesBlanks else {
      throw VocabularyError.unsupported(
        file: file, problem: "its pieces do not begin with ▁ for a blank, which is not computed here",
        remedy: "use a model with another tokenizer")
    }
    guard pieces.indices.contains(unknown) else {
      throw Self.wrong(file, "trainer_spec.unk_id is \(unknown), no piece")
    }
  }

  private static func wrong(_ file: String, _ reason: String) -> VocabularyError {
    .malformed(file: file, reason: reason)
  }

  private static func piece(_ bytes: ArraySlice<UInt8>, _ file: String) throws -> Piece {
    var piece = Piece()
    var reader = ProtocolBuffer(bytes)
    while let field = try reader.next(file) {
      switch (field.number, field.value) {
      case (1, .bytes(let spelling)): piece.spelling = spelling
      case (2, .word(let bits)): piece.score = Float(bitPattern: bits)
      case (3, .number(let kind)):
        guard let kind = Piece.Kind(rawValue: kind) else { throw wrong(file, "a piece of the unknown type \(kind)") }
        piece.kind = kind
      default: continue
      }
    }
    guard piece.score.isFinite else { throw wrong(file, "a piece whose score is not a number") }
    return piece
  }

  private mutating func readTrainer(_ bytes: ArraySlice<UInt8>) throws {
    var reader = ProtocolBuffer(bytes)
    while let field = try reader.next(file) {
      switch (field.number, field.value) {
      case (3, .number(let value)): modelType = value
      case (24, .number(let value)): suffixesBlanks = value != 0
      case (35, .number(let value)): fallsBackToBytes = value != 0
      case (40, .number(let value)): unknown = value < 1 << 30 ? Int(value) : -1
      default: continue
      }
    }
  }

  private mutating func readNormalizer(_ bytes: ArraySlice<UInt8>) throws {
    var reader = ProtocolBuffer(bytes)
    while let field = try reader.next(file) {
      switch (field.number, field.value) {
      case (2, .bytes(let map)): characterMap = map
      case (5, .number(let value)): escapesBlanks = value != 0
      default: continue
      }
    }
  }
}

/// Reads the fields of one message of a protocol buffer.
struct ProtocolBuffer {
  enum Value {
    /// A variable-length number.
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
    /// Four bytes.
    case word(UInt32)
    /// Eight bytes, which nothing here asks for.
    case long
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field, or nil at the end.
  /// - Throws: `VocabularyError` where the bytes are not a message.
  mutating func next(_ file: String) throws -> (number: UInt64, value: Value)? {
    guard !rest.isEmpty else { return nil }
    let key = try number(file)
    switch key & 7 {
    case 0: return (key >> 3, .number(try number(file)))
    case 1:
      _ = try take(8, file)
      return (key >> 3, .long)
    case 2:
      let size = try number(file)
      guard size <= UInt64(rest.count) else { throw Self.cut(file) }
      return (key >> 3, .bytes(try take(Int(size), file)))
    case 5: return (key >> 3, .word(try take(4, file).reversed().reduce(0) { $0 << 8 | UInt32($1) }))
    default: throw VocabularyError.malformed(file: file, reason: "not a sentencepiece model")
    }
  }

  private static func cut(_ file: String) -> VocabularyError {
    .malformed(file: file, reason: "not a sentencepiece model, or cut off")
  }

  private mutating func take(_ count: Int, _ file: String) throws -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Self.cut(file) }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func number(_ file: String) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw Self.cut(file) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Self.cut(file)
  }
}
