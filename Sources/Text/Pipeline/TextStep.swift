/// One step of a normalizer, as the library `tokenizers` computes it.
enum TextStep: Sendable {
  case strip(left: Bool, right: Bool)
  /// Every place of a spelling becomes another one.
  case replace([UInt8], with: [UInt8])
  /// Every run of blanks that is long enough becomes one spelling.
  case replaceRuns(Blanks, atLeast: Int, with: [UInt8])
  case form(NormalizationForm)
  case stripAccents
  case lowercase
  case prepend([UInt8])
  case map(CharacterMap)

  /// Which characters a run consists of.
  enum Blanks: Sendable { case space, whitespace }

  /// Rewrites a text; `scratch` is memory for the result.
  func apply(to text: inout TrackedText, _ scratch: inout TrackedText) {
    switch self {
    case .form(let form):
      guard form.mayChange(text.bytes) else { return }
      scratch.removeAll()
      form.rewrite(text, into: &scratch)
    default:
      scratch.removeAll()
      scratch.bytes.reserveCapacity(text.bytes.count + 8)
      rewrite(text, into: &scratch)
    }
    swap(&text, &scratch)
  }

  private func rewrite(_ text: borrowing TrackedText, into result: inout TrackedText) {
    switch self {
    case .strip(let left, let right): Self.strip(text, left: left, right: right, into: &result)
    case .replace(let spelling, let replacement): Self.replace(spelling, with: replacement, in: text, into: &result)
    case .replaceRuns(let blanks, let least, let replacement):
      Self.replaceRuns(of: blanks, atLeast: least, with: replacement, in: text, into: &result)
    case .stripAccents:
      text.eachScalar { scalar, range in
        if scalar.value < 0x300 || !ScalarProperties.isMark(scalar) { result.append(range, of: text) }
      }
    case .lowercase: Self.lowercase(text, into: &result)
    case .prepend(let prefix):
      if !text.bytes.isEmpty { result.append(prefix, like: 0, of: text) }
      result.append(text.bytes.indices, of: text)
    case .map(let map): map.rewrite(text, into: &result)
    case .form: preconditionFailure("a form is computed elsewhere")
    }
  }

  private static func strip(_ text: borrowing TrackedText, left: Bool, right: Bool, into result: inout TrackedText) {
    let kept = text.bytes.withUnsafeBufferPointer { bytes in
      let start = left ? Whitespace.end(of: bytes, from: 0) : 0
      let end = right ? Whitespace.start(of: bytes, before: bytes.count) : bytes.count
      return start..<max(start, end)
    }
    result.append(kept, of: text)
  }

  private static func replace(
    _ spelling: [UInt8], with replacement: [UInt8], in text: borrowing TrackedText, into result: inout TrackedText
  ) {
    var (rest, position) = (0, 0)
    let count = text.bytes.count
    while position + spelling.count <= count {
      guard text.bytes[position] == spelling[0],
        text.bytes[position..<position + spelling.count].elementsEqual(spelling)
      else {
        position += 1
        continue
      }
      result.append(rest..<position, of: text)
      position += spelling.count
      rest = position
      result.append(replacement, like: position - 1, of: text)
    }
    result.append(rest..<count, of: text)
  }

  private static func replaceRuns(
    of blanks: Blanks, atLeast least: Int, with replacement: [UInt8], in text: borrowing TrackedText,
    into result: inout TrackedText
  ) {
    var (rest, start, length, end) = (0, 0, 0, 0)
    func finish(_ result: inout TrackedText, _ text: borrowing TrackedText) {
      guard length >= least, length > 0 else { return }
      result.append(rest..<start, of: text)
      result.append(replacement, like: end - 1, of: text)
      rest = end
    }
    text.bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        let (scalar, size) = UTF8Decoding.scalar(in: bytes, at: position)
        let isBlank = blanks == .space ? scalar == " " : ScalarProperties.isSpace(scalar)
        if isBlank {
          if length == 0 { start = position }
          length += 1
          end = position + size
        } else if length > 0 {
          finish(&result, text)
          length = 0
        }
        position += size
      }
    }
    finish(&result, text)
    result.append(rest..<text.bytes.count, of: text)
  }

  private static func lowercase(_ text: borrowing TrackedText, into result: inout TrackedText) {
    text.eachScalar { scalar, range in
      if scalar.value < 0x80 {
        let byte = UInt8(scalar.value)
        result.append(CollectionOfOne(byte &- 0x41 < 26 ? byte | 0x20 : byte), like: range.lowerBound, of: text)
      } else if ScalarProperties.mayHaveCase(scalar) {
        result.append(Array(scalar.properties.lowercaseMapping.utf8), like: range.lowerBound, of: text)
      } else {
        result.append(range, of: text)
      }
    }
  }
}

/// Steps over white space in valid UTF-8.
enum Whitespace {
  /// The end of the white space that begins at a position.
  static func end(of bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int {
    var end = position
    while end < bytes.count {
      let (scalar, length) = UTF8Decoding.scalar(in: bytes, at: end)
      guard ScalarProperties.isSpace(scalar) else { break }
      end += length
    }
    return end
  }

  /// The start of the white space that ends before a position.
  static func start(of bytes: UnsafeBufferPointer<UInt8>, before position: Int) -> Int {
    var start = position
    while start > 0 {
      let (scalar, length) = UTF8Decoding.scalar(in: bytes, before: start)
      guard ScalarProperties.isSpace(scalar) else { break }
      start -= length
    }
    return start
  }
}
