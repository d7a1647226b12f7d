import Checkpoints

/// The tensors of a `pytorch_model.bin` as PyTorch wrote it before 1.6: pickles one after the other, then the storages.
///
///     pickle: 0x1950a86a20f9469cfc6c
///     pickle: 1001, the version
///     pickle: byte order and sizes of the machine
///     pickle: a dictionary of names and descriptions of tensors
///     pickle: the keys of the storages, in the order in which they follow
///     for each storage: u64 elements, then the elements
///
/// Source: PyTorch, `torch/serialization.py` (`_legacy_save`).
enum StreamWeights {
  /// 0x1950a86a20f9469cfc6c, little-endian.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  private static let version = 1001
  private static let countBytes = 8

  static func tensors(of file: WeightBytes) throws(ModelError) -> [StoredTensor] {
    var reader = PickleReader(file.bytes, file: file.path)
    guard case .number(let bytes) = try reader.next(), reader.raw(bytes).elementsEqual(magic) else {
      throw ModelError(
        file: file.path, problem: "is a pickle, but not one that torch.save wrote",
        remedy: "save the model's state_dict() with torch.save")
    }
    guard case .integer(version) = try reader.next() else {
      throw reader.wrong("has another version than \(version)")
    }
    try checkMachine(try reader.next(), reader)
    let value = try reader.next()
    let places = try places(of: keys(try reader.next(), reader), reader, file)
    return try reader.tensors(of: value, file: file) { storage throws(ModelError) in
      let key = reader.string(storage.key)
      guard let place = places[key], place.count == storage.byteCount else {
        throw reader.wrong("has no storage \(quoted(key)) of \(storage.total) elements")
      }
      return place
    }
  }

  private static func checkMachine(_ value: PickleValue, _ reader: PickleReader) throws(ModelError) {
    guard case .container(let kind, let index) = value, kind.isDictionary else {
      throw reader.wrong("says of its machine \(value.phrase)")
    }
    let items = Array(reader.heap.items(of: index))
    for (key, value) in zip(items, items.dropFirst()) {
      guard case .text(let key) = key, reader.string(key) == "little_endian", case .boolean(false) = value else {
        continue
      }
      throw ModelError(
        file: reader.file, problem: "was written on a machine with the byte order \"big\", not little",
        remedy: "load it with PyTorch and save it again on another machine")
    }
  }

  private static func keys(_ value: PickleValue, _ reader: PickleReader) throws(ModelError) -> [String] {
    guard case .container(.list, let index) = value else { throw reader.wrong("lists its storages by \(value.phrase)") }
    var keys: [String] = []
    for item in reader.heap.items(of: index) {
      guard case .text(let key) = item else { throw reader.wrong("names a storage by \(item.phrase)") }
      keys.append(reader.string(key))
    }
    return keys
  }

  /// The bytes of each storage.
  private static func places(
    of keys: [String], _ reader: PickleReader, _ file: WeightBytes
  ) throws(ModelError) -> [String: Range<Int>] {
    var storages: [String: PickledStorage] = [:]
    for storage in reader.heap.storages {
      let key = reader.string(storage.key)
      guard let other = storages.updateValue(storage, forKey: key) else { continue }
      guard other.type == storage.type, other.total == storage.total else {
        throw reader.wrong("describes the storage \(quoted(key)) in two ways")
      }
    }
    var places: [String: Range<Int>] = [:]
    var position = reader.position
    for key in keys {
      guard let storage = storages[key] else { throw reader.wrong("has a storage \(quoted(key)) that no tensor uses") }
      guard position <= file.bytes.count - countBytes else {
        throw reader.wrong("ends before the storage \(quoted(key))")
      }
      let count = UInt64(littleEndian: file.bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      position += countBytes
      guard count == UInt64(storage.total), let size = storage.byteCount else {
        throw reader.wrong("says that the storage \(quoted(key)) has \(storage.total) elements, and then \(count)")
      }
      guard size <= file.bytes.count - position else { throw reader.wrong("ends inside the storage \(quoted(key))") }
      guard places.updateValue(position..<position + size, forKey: key) == nil else {
        throw reader.wrong("has the storage \(quoted(key)) twice")
      }
      position += size
    }
    return places
  }
}
