import Glibc

/// The operating system's files.
public struct PosixStorage: Storage {
  private let anchor: FolderAnchor

  /// - Parameter folder: below it no symbolic link is followed, whoever planted it; none by default. The last part of a path
  ///   never is.
  public init(below folder: String? = nil) { anchor = FolderAnchor(folder) }

  public func makeDirectory(_ path: String) throws(StorageError) {
    try anchor.at(path) { folder, name throws(StorageError) in
      try check("mkdir", path) { mkdirat(folder, name, 0o777) }
    }
  }

  public func createFile(_ path: String) throws(StorageError) -> any StorageFile {
    // O_EXCL also refuses symbolic links, so that nobody can lead a temporary name elsewhere.
    try open(path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
  }

  public func openFile(_ path: String) throws(StorageError) -> any StorageFile {
    let file = try open(path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard try file.isRegular() else { throw StorageError("open", path, code: EINVAL) }
    return file
  }

  public func rename(_ path: String, to newPath: String) throws(StorageError) {
    try anchor.at(path) { folder, name throws(StorageError) in
      try anchor.at(newPath) { newFolder, newName throws(StorageError) in
        try check("rename", path) { renameat(folder, name, newFolder, newName) }
      }
    }
  }

  public func removeFile(_ path: String) throws(StorageError) {
    try anchor.at(path) { folder, name throws(StorageError) in
      try check("unlink", path) { unlinkat(folder, name, 0) }
    }
  }

  public func removeDirectory(_ path: String) throws(StorageError) {
    try anchor.at(path) { folder, name throws(StorageError) in
      try check("rmdir", path) { unlinkat(folder, name, AT_REMOVEDIR) }
    }
  }

  public func list(_ path: String) throws(StorageError) -> [String] {
    let descriptor = try anchor.at(path) { folder, name throws(StorageError) in
      try FolderAnchor.openFolder(name, in: folder, path: path, flags: O_RDONLY)
    }
    guard let directory = fdopendir(descriptor) else {
      let code = errno
      close(descriptor)
      throw StorageError("opendir", path, code: code)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        guard errno == 0 else { throw StorageError("readdir", path) }
        return names.sorted()
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  public func exists(_ path: String) throws(StorageError) -> Bool {
    try anchor.at(path) { folder, name throws(StorageError) in
      var status = stat()
      if fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return true }
      guard errno == ENOENT else { throw StorageError("lstat", path) }
      return false
    }
  }

  public func synchronizeDirectory(_ path: String) throws(StorageError) {
    let directory = try open(path, flags: O_RDONLY | O_DIRECTORY)
    try directory.synchronize()
  }

  private func open(_ path: String, flags: Int32) throws(StorageError) -> PosixFile {
    try anchor.at(path) { folder, name throws(StorageError) in
      PosixFile(path, try check("open", path) { openat(folder, name, flags | O_CLOEXEC, 0o666) })
    }
  }
}

/// An open descriptor.
private final class PosixFile: StorageFile {
  let path: String
  private var descriptor: Int32

  /// Takes over a descriptor.
  init(_ path: String, _ descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
  }

  func isRegular() throws(StorageError) -> Bool {
    try status().st_mode & S_IFMT == S_IFREG
  }

  func size() throws(StorageError) -> Int {
    Int(try status().st_size)
  }

  func allocate(_ bytes: Int) throws(StorageError) {
    guard bytes > 0 else { return }
    var code: Int32
    repeat { code = posix_fallocate(descriptor, 0, bytes) } while code == EINTR
    // Some file systems cannot allocate beforehand; there the writes themselves report a full disk.
    guard code == 0 || code == EOPNOTSUPP || code == EINVAL else { throw StorageError("fallocate", path, code: code) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    var done = 0
    while done < bytes.count {
      done += try check("write", path) { Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done) }
    }
  }

  func read(into destination: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) {
    var done = 0
    while done < destination.count {
      let count = try check("read", path) {
        pread(descriptor, destination.baseAddress! + done, destination.count - done, offset + done)
      }
      guard count > 0 else { throw StorageError("read", path, code: EIO) }
      done += count
    }
  }

  func synchronize() throws(StorageError) {
    try check("fsync", path) { fsync(descriptor) }
  }

  func close() throws(StorageError) {
    let closing = descriptor
    descriptor = -1
    // Linux frees the descriptor even when interrupted: trying again could close someone else's.
    guard Glibc.close(closing) == 0 || errno == EINTR else { throw StorageError("close", path) }
  }

  private func status() throws(StorageError) -> stat {
    var status = stat()
    try check("fstat", path) { fstat(descriptor, &status) }
    return status
  }
}

/// `ENOENT`'s neighbours that the storage's users compare with, so that they need no system module.
let alreadyExists = EEXIST
let fileTooBig = EFBIG

/// Repeats `operation` while it is interrupted by a signal; throws on any other failure.
@discardableResult
func check<Value: SignedInteger>(
  _ call: String, _ path: String, _ operation: () -> Value
) throws(StorageError) -> Value {
  while true {
    let value = operation()
    if value >= 0 { return value }
    guard errno == EINTR else { throw StorageError(call, path) }
  }
}
