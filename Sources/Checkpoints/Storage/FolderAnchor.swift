import Glibc

/// A folder below which paths are resolved part by part, so that no symbolic link on the way is followed.
///
/// A link that somebody planted in a shared folder can then neither lead a removal to another folder nor a new file into one.
struct FolderAnchor: Sendable {
  /// Nil where paths are resolved as the kernel does.
  private let folder: String?

  init(_ folder: String?) {
    self.folder = folder.map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
  }

  /// Calls `body` with the descriptor of a folder, and the path below it, that a `*at` call is to take.
  @discardableResult
  func at<Result>(
    _ path: String, _ body: (Int32, String) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    guard let folder, path.hasPrefix(folder + "/") else { return try body(AT_FDCWD, path) }
    var parts = path.dropFirst(folder.count).split(separator: "/").map(String.init)
    guard let name = parts.popLast(), !parts.contains(".."), name != ".." else { return try body(AT_FDCWD, path) }
    // The folder itself may be a link: its user chose it.
    var current = try check("open", folder) { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    defer { close(current) }
    for part in parts {
      let next = try Self.openFolder(part, in: current, path: path, flags: O_RDONLY)
      close(current)
      current = next
    }
    return try body(current, name)
  }

  /// Opens a folder that is not a symbolic link.
  /// - Throws: `StorageError`, with `ELOOP` for a link.
  static func openFolder(
    _ name: String, in folder: Int32, path: String, flags: Int32
  ) throws(StorageError) -> Int32 {
    do {
      return try check("open", path) { openat(folder, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    } catch {
      var status = stat()
      // Linux calls a link in a folder's place "not a directory".
      let isLink = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFLNK
      throw isLink ? StorageError("open", path, code: ELOOP) : error
    }
  }
}
