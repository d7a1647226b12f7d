import Glibc

/// Read-only bytes: a mapped file, or memory that is allocated here.
///
/// Sendable although it holds a pointer: nothing writes to the bytes after the initialiser has returned, and they live
/// as long as the object. (A cache file is replaced by renaming, never changed, so that a mapping keeps its content.)
final class TokenMemory: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  let isMapped: Bool

  /// Maps a file, or nil if that cannot be done.
  init?(mapping file: String) {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return nil }
    let size = Int(status.st_size)
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else { return nil }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
    isMapped = true
  }

  /// Takes new memory, which a closure fills; it is zero before.
  init(size: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    fill(memory)
    bytes = UnsafeRawBufferPointer(memory)
    isMapped = false
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    } else {
      bytes.deallocate()
    }
  }

  /// Numbers that stand at an offset, which must be a multiple of their alignment.
  func numbers<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int, count: Int)
    -> UnsafeBufferPointer<Number>
  {
    UnsafeBufferPointer(
      start: bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: type), count: count)
  }
}
