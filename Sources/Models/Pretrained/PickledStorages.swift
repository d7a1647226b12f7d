import Checkpoints

extension PickleReader {
  /// The tensors that a pickle names.
  /// - Parameter place: the bytes of a storage in the file, of the size that the pickle says.
  func tensors(
    of value: PickleValue, file: WeightBytes,
    place: (PickledStorage) throws(ModelError) -> Range<Int>
  ) throws(ModelError) -> [StoredTensor] {
    var tensors: [StoredTensor] = []
    for (name, tensor) in try namedTensors(of: value) {
      let storage = heap.storages[Int(tensor.storage)]
      let whole = try place(storage)
      let width = storage.type.width
      let view = whole.lowerBound + storage.view.lowerBound * width..<whole.lowerBound + storage.view.upperBound * width
      tensors.append(
        try StoredTensor(
          name, storage.type, shape: integers(tensor.sizes), strides: integers(tensor.strides),
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
