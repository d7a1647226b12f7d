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

  /// The tensors that a pickle names.
  /// - Parameter place: the bytes of a storage in the file, of the size that the pickle says.
  static func tensors(
    of value: PickleValue, _ reader: PickleReader, file: WeightBytes,
    place: (PickledStorage) throws(ModelError) -> Range<Int>
  ) throws(ModelError) -> [StoredTensor] {
    var tensors: [StoredTensor] = []
    for (name, tensor) in try reader.namedTensors(of: value) {
      let storage = reader.heap.storages[Int(tensor.storage)]
      let whole = try place(storage)
      let width = storage.type.width
      let view = whole.lowerBound + storage.view.lowerBound * width..<whole.lowerBound + storage.view.upperBound * width
      tensors.append(
        try StoredTensor(
          name, storage.type, shape: reader.integers(tensor.sizes), strides: reader.integers(tensor.strides),
          offset: tensor.offset, of: view, file: file))
    }
    return tensors
  }
}

extension PickledStorage {
  /// The bytes of the whole storage; nil where they are more than can be counted.
  var byteCount: Int? {
    let (bytes, overflow) = total.multipliedReportingOverflow(by: type.width)
    return overflow ? nil : bytes
  }
}
