import Checkpoints

/// What names, storages and calls of a pickle stand for.
extension PickleReader {
  /// What is made of a name with arguments: an empty dictionary, or the description of a tensor.
  mutating func result(of callee: PickleValue, _ arguments: PickleValue) throws(ModelError) -> PickleValue {
    guard case .name(let name) = callee, case .container(.tuple, let index) = arguments else {
      throw refused("calls \(callee.phrase)")
    }
    let values = Array(heap.items(of: index).prefix(8))
    switch (name, values.count) {
    case (.orderedDictionary, 0): return heap.make(.orderedDictionary)
    case (.orderedDictionary, 1): return try dictionary(ofPairs: values[0])
    case (.rebuildTensor, 4), (.rebuildTensor2, 6...7): return heap.make(try tensorDescription(values))
    case (.rebuildParameter, 3):
      guard case .tensor = values[0] else { throw wrong("makes a parameter of \(values[0].phrase)") }
      return values[0]
    default: throw refused("calls \(name.spelling) with \(heap.count(of: index)) arguments")
    }
  }

  /// Python 2 wrote an ordered dictionary as a list of its pairs.
  private mutating func dictionary(ofPairs value: PickleValue) throws(ModelError) -> PickleValue {
    guard case .container(_, let list) = value else { throw wrong("makes a dictionary of \(value.phrase)") }
    var items: [PickleValue] = []
    for pair in heap.items(of: list) {
      guard case .container(_, let index) = pair, heap.count(of: index) == 2 else {
        throw wrong("makes a dictionary of \(pair.phrase), not of a pair")
      }
      items += heap.items(of: index)
    }
    return heap.make(.orderedDictionary, items)
  }

  /// The storage that a persistent id describes.
  mutating func storage(_ value: PickleValue) throws(ModelError) -> PickleValue {
    heap.make(try storageDescription(value))
  }

  private func storageDescription(_ value: PickleValue) throws(ModelError) -> PickledStorage {
    guard case .container(.tuple, let index) = value, (5...6).contains(heap.count(of: index)) else {
      throw wrong("describes a storage by \(value.phrase)")
    }
    let items = Array(heap.items(of: index))
    guard case .text(let word) = items[0], string(word) == "storage", case .name(.storage(let type)) = items[1],
      case .text(let key) = items[2], case .text = items[3], case .integer(let total) = items[4], total >= 0
    else {
      throw wrong("describes a storage by (\(items.map(\.phrase).joined(separator: ", ")))")
    }
    guard items.count == 6, case .container(.tuple, let view) = items[5] else {
      if items.count == 6, case .none = items[5] {
      } else if items.count == 6 {
        throw wrong("describes a part of a storage by \(items[5].phrase)")
      }
      return PickledStorage(type: type, key: key, total: total, view: 0..<total)
    }
    let parts = Array(heap.items(of: view))
    guard parts.count == 3, case .integer(let first) = parts[1], case .integer(let count) = parts[2], first >= 0,
      count >= 0, first <= total, count <= total - first
    else { throw wrong("describes a part of a storage that it does not have") }
    return PickledStorage(type: type, key: key, total: total, view: first..<first + count)
  }

  /// The tensor that a call with these arguments describes.
  private func tensorDescription(_ arguments: [PickleValue]) throws(ModelError) -> PickledTensor {
    guard case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
      case .container(.tuple, let sizes) = arguments[2], case .container(.tuple, let strides) = arguments[3]
    else { throw wrong("describes a tensor by (\(arguments.map(\.phrase).joined(separator: ", ")))") }
    return PickledTensor(storage: storage, offset: offset, sizes: sizes, strides: strides)
  }

  /// The whole numbers of a tuple.
  func integers(_ tuple: Int32) throws(ModelError) -> [Int] {
    var integers: [Int] = []
    for item in heap.items(of: tuple) {
      guard case .integer(let value) = item else {
        throw wrong("describes a tensor with an extent that is \(item.phrase)")
      }
      integers.append(value)
    }
    return integers
  }

  /// The tensors of a dictionary by their names, in its order. A dictionary without tensors may have one inside, under the keys
  /// that training programs use.
  func namedTensors(of value: PickleValue) throws(ModelError) -> [(name: String, tensor: PickledTensor)] {
    guard case .container(let kind, var dictionary) = value, kind.isDictionary else {
      throw ModelError(
        file: file, problem: "holds \(value.phrase), not a dictionary of tensors",
        remedy: "save the model's state_dict()")
    }
    for _ in 0..<3 {
      let members = try members(of: dictionary)
      let tensors = members.compactMap { name, value -> (name: String, tensor: PickledTensor)? in
        guard case .tensor(let index) = value else { return nil }
        return (name, heap.tensors[Int(index)])
      }
      if !tensors.isEmpty { return tensors }
      let inner = Self.wrappers.lazy.compactMap { key -> Int32? in
        guard case .container(let kind, let index)? = members.first(where: { $0.name == key })?.value, kind.isDictionary
        else { return nil }
        return index
      }.first
      guard let inner else { break }
      dictionary = inner
    }
    throw ModelError(file: file, problem: "holds no tensors", remedy: "give the file of a model's weights")
  }

  /// The keys under which training programs keep a model's weights.
  private static let wrappers = ["state_dict", "model_state_dict", "model", "module"]

  /// The members of a dictionary whose keys are texts.
  private func members(of dictionary: Int32) throws(ModelError) -> [(name: String, value: PickleValue)] {
    var members: [(name: String, value: PickleValue)] = []
    var names: Set<String> = []
    var key: PickleValue?
    for item in heap.items(of: dictionary) {
      guard let owner = key else {
        key = item
        continue
      }
      key = nil
      guard case .text(let text) = owner else { continue }
      let name = string(text)
      guard names.insert(name).inserted else { throw wrong("has \(quoted(name)) twice") }
      members.append((name, item))
    }
    return members
  }
}
