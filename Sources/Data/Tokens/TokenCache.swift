import Crypto
import Glibc
import Text

/// The folder in which tokenised tables are kept, one file per key.
///
/// Nothing depends on it: a folder that cannot be written to, or a damaged file, costs the time to tokenise again.
public struct TokenCache: Sendable {
  /// `$XDG_CACHE_HOME/lockstep`, or else `~/.cache/lockstep`; nil if neither variable is set.
  public static var defaultFolder: String? {
    func variable(_ name: String) -> String? {
      guard let value = getenv(name).map({ String(cString: $0) }), value.hasPrefix("/") else { return nil }
      return value
    }
    return variable("XDG_CACHE_HOME").map { "\($0)/lockstep" } ?? variable("HOME").map { "\($0)/.cache/lockstep" }
  }

  let folder: String

  /// The mapped rows of a key, or nil.
  func load(key: [UInt8], vocabularyCount: Int) -> TokenFile? {
    TokenMemory(mapping: path(of: key)).flatMap { TokenFile($0, key: key, vocabularyCount: vocabularyCount) }
  }

  /// Writes rows aside and renames them, so that several ranks may do it at once; whether it could be done.
  func store(_ file: TokenFile, key: [UInt8]) -> Bool {
    makeFolders()
    let temporary = "\(path(of: key)).\(getpid()).\(UInt64.random(in: 0...UInt64.max))"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    let isWritten = Self.write(file.memory.bytes, to: descriptor) && fsync(descriptor) == 0
    let isClosed = close(descriptor) == 0
    if isWritten && isClosed && rename(temporary, path(of: key)) == 0 { return true }
    unlink(temporary)
    return false
  }

  private func path(of key: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return "\(folder)/" + String(key.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) + ".tokens"
  }

  private func makeFolders() {
    var path = folder.hasPrefix("/") ? "" : "."
    for part in folder.split(separator: "/") {
      path += "/\(part)"
      // What cannot be made shows when the file is opened.
      _ = mkdir(path, 0o700)
    }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, part.baseAddress, part.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return false }
      rest = rest.dropFirst(written)
    }
    return true
  }
}

/// What the tokens of a table depend on.
struct TokenCacheKey {
  /// Of each file; its name decides the format.
  let contents: [(format: String, content: [UInt8])]
  let columns: ColumnMapping
  let limit: Int?
  let options: TableOptions
  let layout: RowLayout
  let windows: RowWindows?
  let tokenizer: any Tokenizer
  let maximumLength: Int

  /// SHA-256 over all of it.
  var digest: [UInt8] {
    var parts = ["\(TokenLayout.version)", "\(limit ?? -1)", "\(maximumLength)"]
    parts += tokenizer.fingerprint + [tokenizer.truncation.strategy.rawValue]
    parts += ["\(columns.named.count)"] + columns.named.flatMap { [$0.role.rawValue, $0.column] }
    parts += [options.quotes.rawValue, options.encoding.rawValue, "header \(options.hasHeader)", layout.rawValue]
    if let windows { parts += ["windows", "\(windows.stride)", "\(RowWindows.most)"] }
    for (format, content) in contents { parts += [format, "\(content.count)"] }
    var hash = SHA256()
    for part in parts {
      withUnsafeBytes(of: part.utf8.count) { hash.update(bufferPointer: $0) }
      hash.update(data: Array(part.utf8))
    }
    for (_, content) in contents { hash.update(data: content) }
    return Array(hash.finalize())
  }
}
