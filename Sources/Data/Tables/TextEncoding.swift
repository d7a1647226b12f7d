import Glibc

/// How the characters of a file are written.
public enum TextEncoding: String, Sendable, CaseIterable {
  case utf8 = "utf-8"
  case latin1 = "latin-1"
  case iso8859 = "iso-8859-1"
  case windows1252 = "windows-1252"
  case gbk
  case gb18030
  case big5
  case shiftJIS = "shift_jis"
  case utf16 = "utf-16"

  /// The encoding of a name, in capitals or not, or of another usual name for it.
  public init?(rawValue: String) {
    let aliases: [String: TextEncoding] = [
      "utf8": .utf8, "latin1": .latin1, "iso8859-1": .iso8859, "cp1252": .windows1252, "gb2312": .gbk, "cp936": .gbk,
      "shift-jis": .shiftJIS, "sjis": .shiftJIS, "utf16": .utf16,
    ]
    let name = rawValue.lowercased()
    guard let known = Self.allCases.first(where: { $0.rawValue == name }) ?? aliases[name] else { return nil }
    self = known
  }

  /// Why bytes are not text.
  enum Failure: Error, Equatable {
    /// The byte at which reading stopped, from 0.
    case invalid(offset: Int)
    /// This machine has no table for the encoding.
    case unavailable
  }

  /// The bytes as UTF-8, without a byte order mark; UTF-16 is known by its mark whatever the encoding.
  func decode(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    if bytes.starts(with: [0xFF, 0xFE]) { return try Self.utf16(bytes[2...], isBigEndian: false) }
    if bytes.starts(with: [0xFE, 0xFF]) { return try Self.utf16(bytes[2...], isBigEndian: true) }
    switch self {
    case .utf8: return try Self.utf8(bytes)
    case .latin1, .iso8859: return bytes.flatMap { byte in Array(String(UnicodeScalar(byte)).utf8) }
    case .utf16: return try Self.utf16(bytes[...], isBigEndian: false)
    case .windows1252, .gbk, .gb18030, .big5, .shiftJIS: return try converted(bytes)
    }
  }

  private static func utf8(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    // The whole file is checked at once, because it is almost always right; only if not, the line is looked for.
    if String(validating: bytes, as: UTF8.self) == nil {
      var start = 0
      for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
        if String(validating: line, as: UTF8.self) == nil { throw .invalid(offset: start) }
        start += line.count + 1
      }
    }
    return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
  }

  private static func utf16(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) throws(Failure) -> [UInt8] {
    guard bytes.count % 2 == 0 else { throw .invalid(offset: bytes.endIndex - 1) }
    let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { index in
      let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw .invalid(offset: bytes.startIndex) }
    return Array(text.utf8)
  }

  /// Conversion by the C library, which knows the tables.
  private func converted(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    guard let descriptor = iconv_open("UTF-8", rawValue), descriptor != iconv_t(bitPattern: -1) else {
      throw .unavailable
    }
    defer { iconv_close(descriptor) }
    var source = bytes
    // No character of these encodings takes more than 2 bytes of UTF-8 for each of its bytes.
    var result = [UInt8](repeating: 0, count: 3 * bytes.count + 16)
    let (read, written, isWhole) = source.withUnsafeMutableBytes { source in
      result.withUnsafeMutableBytes { target in
        var (input, output) = (
          source.baseAddress?.assumingMemoryBound(to: CChar.self),
          target.baseAddress?.assumingMemoryBound(to: CChar.self)
        )
        var (left, room) = (source.count, target.count)
        let count = iconv(descriptor, &input, &left, &output, &room)
        return (source.count - left, target.count - room, count != -1 && left == 0)
      }
    }
    guard isWhole else { throw .invalid(offset: read) }
    return Array(result[..<written])
  }
}
