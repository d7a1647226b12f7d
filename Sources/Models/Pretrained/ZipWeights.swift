import Checkpoints

/// The tensors of a `pytorch_model.bin` as PyTorch has written it since 1.6: a zip archive that packs nothing.
///
///     NAME/data.pkl      a pickle: a dictionary of names and descriptions of tensors
///     NAME/data/KEY      the elements of a storage, as they are in memory
///     NAME/version       3 (at most 10)
///     NAME/byteorder     little
///
/// Source: PyTorch, `torch/serialization.py` and `caffe2/serialize/inline_container.cc`. Checksums are not looked at, as PyTorch
/// does not: they would take longer than the reading.
enum ZipWeights {
  private static let newestVersion = 10

  static func tensors(of file: WeightBytes) throws(ModelError) -> [StoredTensor] {
    func wrong(_ problem: String) -> ModelError {
      ModelError(file: file.path, problem: problem, remedy: "download the file again")
    }
    let directory = try ZipDirectory(of: file.bytes, file: file.path)
    let pickles = directory.entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
    guard let pickle = pickles.first, pickles.count == 1, let place = directory.entries[pickle] else {
      throw ModelError(
        file: file.path, problem: "is a zip archive with \(pickles.count) files data.pkl, where torch.save writes one",
        remedy: "give the file of a model's weights")
    }
    let prefix = pickle.dropLast("data.pkl".count)
    guard directory.entries[prefix + "constants.pkl"] == nil else {
      throw ModelError(
        file: file.path, problem: "is a program (TorchScript), not weights", remedy: "save the model's state_dict()")
    }
    try check(directory, String(prefix), file)
    guard place.count <= PickleReader.longest else {
      throw wrong("holds a pickle of \(place.count) bytes, more than any model has")
    }
    var reader = PickleReader(UnsafeRawBufferPointer(rebasing: file.bytes[place]), file: file.path)
    let value = try reader.next()
    return try reader.tensors(of: value, file: file) { storage throws(ModelError) in
      let key = reader.string(storage.key)
      guard let record = directory.entries[prefix + "data/" + key] else {
        throw wrong("lacks the storage \(quoted(key))")
      }
      guard let size = storage.byteCount, record.count == size else {
        throw wrong(
          "has \(record.count) bytes of the storage \(quoted(key)), which should have \(storage.total) elements")
      }
      return record
    }
  }

  /// The small files that say how to read the others.
  private static func check(_ directory: ZipDirectory, _ prefix: String, _ file: WeightBytes) throws(ModelError) {
    func text(_ name: String) -> String? {
      directory.entries[prefix + name].map { String(decoding: file.bytes[$0].prefix(32), as: UTF8.self) }
    }
    if let version = text("version").map({ String($0.prefix { !$0.isNewline }) }) {
      guard let number = Int(version), (1...newestVersion).contains(number) else {
        throw ModelError(
          file: file.path, problem: "has the format version \(quoted(version)), not 1 to \(newestVersion)",
          remedy: "save it again with a release of PyTorch that is known here")
      }
    }
    if let order = text("byteorder"), order != "little" {
      throw ModelError(
        file: file.path, problem: "was written on a machine with the byte order \(quoted(order)), not little",
        remedy: "load it with PyTorch and save it again on another machine")
    }
  }
}
