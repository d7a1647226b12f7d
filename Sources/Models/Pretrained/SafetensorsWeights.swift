import Checkpoints

/// The tensors of a safetensors file.
enum SafetensorsWeights {
  static func tensors(of file: WeightBytes) throws -> [StoredTensor] {
    try SafetensorsHeader(of: file.bytes, file: file.path).entries.map { StoredTensor($0, file: file) }
  }
}
