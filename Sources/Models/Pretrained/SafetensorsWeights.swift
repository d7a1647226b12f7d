import Checkpoints

/// The tensors of a safetensors file.
enum SafetensorsWeights {
  static func tensors(of file: WeightBytes) throws -> [StoredTensor] {
    let isPickle = file.bytes.starts(with: [PickleOpcode.version.rawValue, 2, PickleOpcode.long1.rawValue, 10])
    guard !isPickle, !file.bytes.starts(with: ZipDirectory.signature) else {
      throw ModelError(
        file: file.path, problem: "is a file that torch.save wrote, under another name",
        remedy: "rename it pytorch_model.bin")
    }
    return try SafetensorsHeader(of: file.bytes, file: file.path).entries.map { StoredTensor($0, file: file) }
  }

  /// Whether a file begins as one: the length of a header inside the file, and the header's bracket.
  static func looksLikeOne(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
    return UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) <= UInt64(bytes.count - 8)
  }
}
