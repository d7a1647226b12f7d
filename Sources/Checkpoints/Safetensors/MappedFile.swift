import Glibc

/// A regular file mapped read-only into memory until the object goes away.
///
/// `@unchecked Sendable`: the pages are never written and live exactly as long as the object.
/// A file that another process shortens while it is mapped ends this process (SIGBUS), as with every mapping;
/// whoever replaces files by rename, as this package does, never shortens one.
package final class MappedFile: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  private let path: String
  private let descriptor: Int32

  /// Maps the file at `path`.
  package init(_ path: String) throws(StorageError) {
    // A pipe without a writer would block the open for ever without O_NONBLOCK.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw StorageError("open", path) }
    do { bytes = try Self.map(descriptor, path) } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  private static func map(_ descriptor: Int32, _ path: String) throws(StorageError) -> UnsafeRawBufferPointer {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw StorageError("fstat", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw StorageError("open", path, code: EINVAL) }
    guard status.st_size > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let size = Int(status.st_size)
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw StorageError("mmap", path)
    }
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  /// Reads all bytes from `offset` on that `destination` has room for, without mapping them: each page is used once, and a file
  /// that was shortened is an error.
  package func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(StorageError) {
    var done = 0
    while done < destination.count {
      let count = pread(
        descriptor, destination.baseAddress! + done, destination.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw StorageError("read", path, code: count < 0 ? errno : EIO) }
      done += count
    }
  }

  /// Makes the system read further ahead, for a file that is read from its beginning to its end.
  package func expectSequentialReads() { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }

  /// Gives the mapped pages of a range back; what is read of it later is mapped anew.
  package func release(_ range: Range<Int>) {
    guard let start = bytes.baseAddress, !range.isEmpty else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = range.lowerBound / page * page
    madvise(UnsafeMutableRawPointer(mutating: start + first), range.upperBound - first, MADV_DONTNEED)
  }

  deinit {
    close(descriptor)
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }
}
