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

  /// Replaces the file at `path` by what `body` writes.
  static func write(
    to path: String, storage: any Storage, _ body: (any StorageFile) throws(StorageError) -> Void
  ) throws(StorageError) {
    let directory = parent(of: path)
    let prefix = directory.isEmpty ? "" : directory == "/" ? "/" : directory + "/"
    let aside = "\(prefix).\(lastPart(of: path)).tmp-\(nonce())"
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
