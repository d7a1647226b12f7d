import Support

/// The file operations that a commit is made of; every one of them may fail, and the machine may die between any two.
///
/// The seam between the checkpoint store and the disk: `PosixStorage` is the real one, and the tests put a simulated
/// disk here that loses, tears and reorders whatever was not synchronized. Paths use "/" and are given whole.
public protocol Storage: Sendable {
  /// Makes one directory; an error when it exists.
  func makeDirectory(_ path: String) throws(StorageError)
  /// Creates a file for writing; an error when anything, even a symbolic link, has that name.
  func createFile(_ path: String) throws(StorageError) -> any StorageFile
  /// Opens a regular file for reading; an error when the last part of the path is a symbolic link.
  func openFile(_ path: String) throws(StorageError) -> any StorageFile
  /// Renames atomically; a file replaces a file, a directory replaces only an empty directory.
  func rename(_ path: String, to newPath: String) throws(StorageError)
  /// Removes a file.
  func removeFile(_ path: String) throws(StorageError)
  /// Removes an empty directory.
  func removeDirectory(_ path: String) throws(StorageError)
  /// The names in a directory, sorted, without "." and "..".
  func list(_ path: String) throws(StorageError) -> [String]
  /// Whether anything has this name.
  func exists(_ path: String) throws(StorageError) -> Bool
  /// Makes the names in a directory last through a loss of power.
  func synchronizeDirectory(_ path: String) throws(StorageError)
}

/// An open file of a `Storage`; it closes itself when the last reference goes.
public protocol StorageFile: AnyObject {
  /// The path it was opened with.
  var path: String { get }
  /// The size in bytes.
  func size() throws(StorageError) -> Int
  /// Sets `bytes` of the disk aside, so that a full disk is noticed before the work and not after it.
  func allocate(_ bytes: Int) throws(StorageError)
  /// Writes all of `bytes` after what was written before.
  func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError)
  /// Reads from `offset` until `destination` is full; an error when the file ends before.
  func read(into destination: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError)
  /// Makes the contents last through a loss of power. After an error the contents are lost: never try again.
  func synchronize() throws(StorageError)
  /// Closes a written file and reports the errors that a network file system keeps until then.
  func close() throws(StorageError)
}

extension StorageFile {
  /// Writes all of `bytes` after what was written before.
  func write(_ bytes: [UInt8]) throws(StorageError) {
    try bytes.withUnsafeBufferPointer { buffer throws(StorageError) in try write(UnsafeRawBufferPointer(buffer)) }
  }
}

extension Storage {
  /// Reads a whole small file of at most `limit` bytes.
  func readFile(_ path: String, atMost limit: Int) throws(StorageError) -> [UInt8] {
    let file = try openFile(path)
    let size = try file.size()
    guard size <= limit else { throw StorageError("read", path, code: fileTooBig) }
    var bytes = [UInt8](repeating: 0, count: size)
    try bytes.withUnsafeMutableBufferPointer { buffer throws(StorageError) in
      try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
    }
    return bytes
  }

  /// Makes `path` and every directory above it that is missing, each one lasting before the next.
  func makeDirectories(_ path: String) throws(StorageError) {
    guard !path.isEmpty, try !exists(path) else { return }
    try makeDirectories(parent(of: path))
    do {
      try makeDirectory(path)
    } catch {
      // Another rank may be faster.
      guard error.code == alreadyExists else { throw error }
      return
    }
    try synchronizeDirectory(parent(of: path).isEmpty ? "." : parent(of: path))
  }
}

/// The directory part of `path`: empty for a bare name, "/" for a name in the root.
func parent(of path: String) -> String {
  let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
  guard let slash = trimmed.lastIndex(of: "/") else { return "" }
  return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
}

/// The last part of `path`.
func lastPart(of path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}

/// A name no other writer chooses: 16 hexadecimal digits.
func nonce() -> String {
  withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { $0.hexadecimal }
}
