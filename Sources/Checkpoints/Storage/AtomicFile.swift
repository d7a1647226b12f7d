/// Small files that are there wholly or not at all: written aside, synchronized, renamed.
public enum AtomicFile {
  /// Replaces the file at `path` by `bytes`; after an error, or a crash at any moment, the old file is there unharmed.
  public static func write(
    _ bytes: some Sequence<UInt8>, to path: String, storage: any Storage = PosixStorage()
  ) throws(StorageError) {
    let content = Array(bytes)
    try write(to: path, storage: storage) { file throws(StorageError) in
      try file.allocate(content.count)
      try file.write(content)
    }
  }

  /// Replaces the file at `path` by the text, in UTF-8.
  public static func write(
    _ text: String, to path: String, storage: any Storage = PosixStorage()
  ) throws(StorageError) {
    try write(text.utf8, to: path, storage: storage)
  }

  /// Removes what killed processes left of files that they were writing into a folder; nothing else has such names.
  package static func removeLeftovers(
    in directory: String, storage: any Storage = PosixStorage()
  ) throws(StorageError) {
    let names: [String]
    do {
      names = try storage.list(directory)
    } catch {
      guard error.isOfTheFile else { throw error }
      return
    }
    for name in names where isLeftover(name) {
      do {
        try storage.removeFile("\(directory)/\(name)")
      } catch {
        // Somebody else may be faster; a folder of that name is nobody's file.
        guard error.isOfTheFile else { throw error }
      }
    }
  }

  /// Whether a name is one that `write` gives to a file until it is renamed: `.NAME.tmp-` and 16 digits.
  static func isLeftover(_ name: String) -> Bool {
    let (head, digits) = (name.dropLast(16), name.suffix(16))
    return head.hasPrefix(".") && head.hasSuffix(marker) && head.count > marker.count + 1
      && digits.allSatisfy { ("0"..."9").contains($0) || ("a"..."f").contains($0) }
  }

  private static let marker = ".tmp-"

  /// Replaces the file at `path` by what `body` writes.
  package static func write(
    to path: String, storage: any Storage, _ body: (any StorageFile) throws(StorageError) -> Void
  ) throws(StorageError) {
    let directory = parent(of: path)
    let prefix = directory.isEmpty ? "" : directory == "/" ? "/" : directory + "/"
    // The name aside is longer than the file's own, and must not be too long for that.
    let name = String(decoding: lastPart(of: path).utf8.prefix(255 - 1 - marker.utf8.count - 16), as: UTF8.self)
    let aside = "\(prefix).\(name)\(marker)\(nonce())"
    do {
      let file = try storage.createFile(aside)
      try body(file)
      try file.synchronize()
      try file.close()
      try storage.rename(aside, to: path)
    } catch {
      try? storage.removeFile(aside)
      throw error
    }
    try storage.synchronizeDirectory(directory.isEmpty ? "." : directory)
  }
}
