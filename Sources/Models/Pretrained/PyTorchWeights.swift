import Checkpoints

/// The tensors of a file that `torch.save` wrote, in either of its formats.
enum PyTorchWeights {
  static func tensors(of file: WeightBytes) throws -> [StoredTensor] {
    let found = try file.bytes.starts(with: ZipDirectory.signature) ? ZipWeights.tensors(of: file) : stream(file)
    return found.sorted { ($0.start, $0.name) < ($1.start, $1.name) }
  }

  private static func stream(_ file: WeightBytes) throws(ModelError) -> [StoredTensor] {
    guard !SafetensorsWeights.looksLikeOne(file.bytes) else {
      throw ModelError(
        file: file.path, problem: "is a safetensors file under another name", remedy: "rename it model.safetensors")
    }
    guard file.bytes.first == PickleOpcode.version.rawValue else {
      throw ModelError(
        file: file.path, problem: "is not a file that torch.save wrote",
        remedy: "download it again, or save the model anew with save_pretrained")
    }
    return try StreamWeights.tensors(of: file)
  }
}
