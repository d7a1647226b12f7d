import Glibc

/// A regular file mapped read-only into memory until the object goes away.
///
/// `@unchecked Sendable`: the pages are never written and live exactly as long as the object.
/// A file that another process shortens while it is mapped ends this process (SIGBUS), as with every mapping;
/// whoever replaces files by rename, as this package does, never shortens one.
package final class MappedFile: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer

  /// Maps the file at `path`.
  package init(_ path: String) throws(StorageError) {
    // A pipe without a writer would block the open for ever without O_NONBLOCK.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw StorageError("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw StorageError("fstat", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw StorageError("open", path, code: EINVAL) }
    guard status.st_size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let size = Int(status.st_size)
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw StorageError("mmap", path)
    }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }
}
