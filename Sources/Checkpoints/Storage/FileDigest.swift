import Crypto
import Support

/// SHA-256 of a whole file, in hexadecimal digits.
public func sha256(ofFile path: String, storage: any Storage = PosixStorage()) throws(StorageError) -> String {
  let file = try storage.openFile(path)
  let size = try file.size()
  var hash = SHA256()
  let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  defer { chunk.deallocate() }
  for offset in stride(from: 0, to: size, by: chunk.count) {
    let part = UnsafeMutableRawBufferPointer(rebasing: chunk.prefix(size - offset))
    try file.read(into: part, at: offset)
    hash.update(bufferPointer: UnsafeRawBufferPointer(part))
  }
  return hash.finalize().hexadecimal
}
