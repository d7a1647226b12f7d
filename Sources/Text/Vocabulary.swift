import Support

/// The tokens of a BERT model, found by spelling or by id.
///
/// Tokens are compared byte by byte: canonically equivalent spellings are different tokens, as in the reference.
public struct Vocabulary: Sendable {
  /// The file that the tokens were read from.
  public let file: String
  /// A hash of all tokens in order; the same for a vocab.txt and a tokenizer.json with the same tokens.
  public let contentHash: UInt64
  /// The largest length of a token, in bytes.
  let longestToken: Int
  /// The number of different tokens, behind which the library numbers added ones.
  let distinctCount: Int
  private let bytes: [UInt8]
  /// Token `id` is `bytes[offsets[id]..<offsets[id + 1]]`; an id that no token has is empty.
  private let offsets: [Int32]
  /// Open addressing with linear probing: ids, or -1. The number of slots is a power of two.
  private let slots: [Int32]

  /// The number of ids: one more than the largest.
  public var count: Int { offsets.count - 1 }

  /// Reads a vocab.txt (one token per line), or a tokenizer.json (its `model.vocab`) if the name ends in `.json`.
  ///
  /// - Throws: `FileError` or `VocabularyError`.
  public init(contentsOfFile file: String) throws {
    let content = try FileReader.bytes(of: file)
    guard content.count < Self.largestFile else {
      throw VocabularyError.malformed(file: file, reason: "larger than \(Self.largestFile) bytes")
    }
    if file.hasSuffix(".json") {
      let root: JSONValue
      do { root = try JSONParser.parse(content) } catch {
        throw VocabularyError.malformed(file: file, reason: "not JSON (\(error))")
      }
      try self.init(json: root, file: file)
    } else {
      let lines = Self.lines(of: content)
      try self.init(tokens: lines, hasEmpty: lines.contains { $0.isEmpty }, file: file)
    }
  }

  /// The `model.vocab` of a tokenizer.json that has been parsed.
  init(json root: JSONValue, file: String) throws {
    guard case .object(let members)? = root["model"]?["vocab"] else {
      throw VocabularyError.malformed(file: file, reason: "no object model.vocab")
    }
    try self.init(members: members, key: "model.vocab", file: file)
  }

  /// The tokens of a JSON object by their ids.
  init(members: [JSONValue.Member], key: String, file: String) throws {
    let tokens = try Self.tokens(of: members, key: key, file: file)
    try self.init(tokens: tokens, hasEmpty: members.contains { $0.key.isEmpty }, file: file)
  }

  /// Reads tokenizer.json in a model's directory, or else its vocab.txt.
  ///
  /// - Throws: `FileError` or `VocabularyError`.
  public init(directory: String) throws {
    let candidates = ["tokenizer.json", "vocab.txt"].map { "\(directory)/\($0)" }
    guard let file = candidates.first(where: FileReader.exists) else {
      throw VocabularyError.missing(directory: directory, files: ["vocab.txt"])
    }
    try self.init(contentsOfFile: file)
  }

  init(tokens: [ArraySlice<UInt8>], hasEmpty: Bool, file: String) throws {
    guard !tokens.isEmpty else { throw VocabularyError.empty(file: file) }
    var bytes: [UInt8] = []
    var offsets: [Int32] = [0]
    offsets.reserveCapacity(tokens.count + 1)
    var hash = TokenHash()
    for (index, token) in tokens.enumerated() {
      guard String(validating: token, as: UTF8.self) != nil else {
        throw VocabularyError.invalidUTF8(file: file, line: index + 1)
      }
      bytes.append(contentsOf: token)
      offsets.append(Int32(bytes.count))
      for byte in token { hash.combine(byte) }
      hash.combine(0x0A)
    }
    contentHash = hash.value
    longestToken = tokens.reduce(0) { max($0, $1.count) }
    slots = Self.slots(bytes: bytes, offsets: offsets)
    distinctCount = slots.count { $0 >= 0 } + (hasEmpty ? 1 : 0)
    self.bytes = bytes
    self.offsets = offsets
    self.file = file
  }

  /// The id of a token, or nil.
  public func id(of token: String) -> Int32? { id(of: Array(token.utf8)) }

  /// The id of a token by its bytes, or nil.
  func id(of token: [UInt8]) -> Int32? { Self.find(token, slots: slots, bytes: bytes, offsets: offsets) }

  /// The token with this id, or nil if no token has it.
  public func token(at id: Int32) -> String? {
    guard id >= 0, Int(id) < count else { return nil }
    return String(decoding: bytes[Int(offsets[Int(id)])..<Int(offsets[Int(id) + 1])], as: UTF8.self)
  }

  /// Calls a closure with direct access to the lookup table.
  func withLookup<Result>(_ body: (TokenLookup) -> Result) -> Result {
    slots.withUnsafeBufferPointer { slots in
      bytes.withUnsafeBufferPointer { bytes in
        offsets.withUnsafeBufferPointer { offsets in
          body(TokenLookup(slots: slots, bytes: bytes, offsets: offsets))
        }
      }
    }
  }

  private static func find(_ token: [UInt8], slots: [Int32], bytes: [UInt8], offsets: [Int32]) -> Int32? {
    var hash = TokenHash()
    for byte in token { hash.combine(byte) }
    return slots.withUnsafeBufferPointer { slots in
      bytes.withUnsafeBufferPointer { bytes in
        offsets.withUnsafeBufferPointer { offsets in
          token.withUnsafeBufferPointer { token in
            TokenLookup(slots: slots, bytes: bytes, offsets: offsets).id(of: token, hash: hash, behind: 0)
          }
        }
      }
    }
  }

  /// The hash table; of two equal tokens the later one stays, as in the reference.
  private static func slots(bytes: [UInt8], offsets: [Int32]) -> [Int32] {
    var size = 16
    while size < 2 * offsets.count { size *= 2 }
    var slots = [Int32](repeating: -1, count: size)
    for id in 0..<offsets.count - 1 where offsets[id] < offsets[id + 1] {
      let token = bytes[Int(offsets[id])..<Int(offsets[id + 1])]
      var hash = TokenHash()
      for byte in token { hash.combine(byte) }
      var slot = hash.slot(mask: size - 1)
      while slots[slot] >= 0 {
        let other = Int(slots[slot])
        if bytes[Int(offsets[other])..<Int(offsets[other + 1])].elementsEqual(token) { break }
        slot = (slot + 1) & (size - 1)
      }
      slots[slot] = Int32(id)
    }
    return slots
  }
}

// MARK: - Files

extension Vocabulary {
  /// The largest id that a tokenizer.json of `count` tokens may give: ids come from a file and are the size of a table.
  private static func largestID(count: Int) -> Int { min(4 * count + 1024, 1 << 24) }
  /// The largest file read, in bytes; far above every known vocabulary, far below what offsets can hold.
  private static let largestFile = 1 << 28

  /// The lines of a vocab.txt without the white space at their ends, as the library reads them. Only 0x0A ends a line:
  /// a token may hold U+2028.
  private static func lines(of content: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    // A byte order mark is an editor's, not a part of the first token.
    var start = content.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < content.count {
      let end = content[start...].firstIndex(of: 0x0A) ?? content.count
      lines.append(trimmed(content[start..<end]))
      start = end + 1
    }
    return lines
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    // A line that is not UTF-8 is refused later.
    guard let last = line.last, last < 0x21 || last > 0x7E, let text = String(validating: line, as: UTF8.self) else {
      return line
    }
    let spaces = text.unicodeScalars.reversed().prefix(while: ScalarProperties.isSpace)
    return line.dropLast(spaces.reduce(0) { $0 + UTF8.width($1) })
  }

  private static func tokens(of members: [JSONValue.Member], key: String, file: String) throws -> [ArraySlice<UInt8>] {
    let largestID = largestID(count: members.count)
    var largest = -1
    for member in members {
      guard case .integer(let id) = member.value, (0...largestID).contains(id) else {
        let reason = "\(key) gives the token \"\(member.key)\" no id from 0 to \(largestID)"
        throw VocabularyError.malformed(file: file, reason: reason)
      }
      largest = max(largest, id)
    }
    var tokens = [ArraySlice<UInt8>](repeating: [], count: largest + 1)
    for member in members {
      guard case .integer(let id) = member.value else { continue }
      guard tokens[id].isEmpty || tokens[id].elementsEqual(member.key.utf8) else {
        let other = String(decoding: tokens[id], as: UTF8.self)
        throw VocabularyError.malformed(
          file: file, reason: "\(key) gives the tokens \"\(other)\" and \"\(member.key)\" the same id \(id)")
      }
      tokens[id] = Array(member.key.utf8)[...]
    }
    return tokens
  }
}
