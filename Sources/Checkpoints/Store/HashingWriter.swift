import Crypto
import Support

/// Writes a file in chunks, digests it in the same pass, and stops between two chunks when asked to.
struct HashingWriter {
  private let file: any StorageFile
  private let chunk: Int
  private let isCancelled: () -> Bool
  private var hash = SHA256()
  private var written = 0

  /// A writer of a new file that will have `bytes` bytes.
  init(
    _ path: String, bytes: Int, storage: any Storage, chunk: Int, isCancelled: @escaping () -> Bool
  ) throws(StorageError) {
    file = try storage.createFile(path)
    self.chunk = chunk
    self.isCancelled = isCancelled
    try file.allocate(bytes)
  }

  /// Appends `bytes`; throws `CancellationError` when asked to stop.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard !isCancelled() else { throw CancellationError() }
      let next = UnsafeRawBufferPointer(rebasing: rest.prefix(chunk))
      try file.write(next)
      hash.update(bufferPointer: next)
      written += next.count
      rest = rest.dropFirst(chunk)
    }
  }

  /// Makes the file last, closes it, and gives what the manifest is to say of it.
  func finish(part: FileRecord.Part? = nil) throws(StorageError) -> FileRecord {
    try file.synchronize()
    try file.close()
    return FileRecord(name: lastPart(of: file.path), bytes: written, sha256: hash.finalize().hexadecimal, part: part)
  }
}
