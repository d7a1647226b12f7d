import Glibc

/// A file, or a folder with all that is in it. Symbolic links are looked at as links and never followed.
package struct FileTree {
  package let path: String

  /// Folders within folders that are still believed to be ours.
  private static let deepest = 32

  package init(_ path: String) { self.path = path }

  /// The sizes of all regular files; 0 where there is nothing.
  package var bytes: Int {
    let (folder, name) = Self.split(path)
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return 0 }
    defer { close(directory) }
    return Self.bytes(of: name, in: directory, depth: 0)
  }

  /// Removes all of it; nothing to do where there is nothing.
  package func remove() throws(StorageError) {
    let (folder, name) = Self.split(path)
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else {
      guard errno == ENOENT else { throw StorageError("open", folder) }
      return
    }
    defer { close(directory) }
    try Self.remove(name, in: directory, path: path, depth: 0)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    let folder = parent(of: path)
    return (folder.isEmpty ? "." : folder, lastPart(of: path))
  }

  private static func bytes(of name: String, in directory: Int32, depth: Int) -> Int {
    var status = stat()
    guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return 0 }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
    }
    guard depth < deepest, let names = names(in: name, of: directory) else { return 0 }
    defer { close(names.directory) }
    return names.all.reduce(0) { $0 + bytes(of: $1, in: names.directory, depth: depth + 1) }
  }

  private static func remove(_ name: String, in directory: Int32, path: String, depth: Int) throws(StorageError) {
    if unlinkat(directory, name, 0) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw StorageError("unlink", path) }
    guard depth < deepest else { throw StorageError("unlink", path, code: ELOOP) }
    guard let names = names(in: name, of: directory) else { throw StorageError("open", path) }
    defer { close(names.directory) }
    for entry in names.all { try remove(entry, in: names.directory, path: "\(path)/\(entry)", depth: depth + 1) }
    guard unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw StorageError("rmdir", path) }
  }

  /// An open folder, which the caller closes, and the names in it; nil where it is not a folder, or is a link to one.
  private static func names(in name: String, of directory: Int32) -> (directory: Int32, all: [String])? {
    let folder = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard folder >= 0 else { return nil }
    // The stream owns its descriptor; ours serves the calls relative to the folder.
    let copy = dup(folder)
    guard copy >= 0, let stream = fdopendir(copy) else {
      if copy >= 0 { close(copy) }
      close(folder)
      return nil
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return (folder, names)
  }
}
