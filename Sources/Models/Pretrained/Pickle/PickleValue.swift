import Checkpoints

/// A value of a pickle, as far as weights need one; what it refers to lies in the reader's `PickleHeap`.
///
/// Values hold no references, so nothing that a file nests is walked or released by recursion.
package enum PickleValue {
  case none
  case boolean(Bool)
  case integer(Int)
  /// A fraction, or a whole number beyond 64 bits: the bytes it has in the pickle.
  case number(PickleText)
  case text(PickleText)
  case name(PickleName)
  case container(PickleContainer.Kind, Int32)
  case storage(Int32)
  case tensor(Int32)

  /// What an error says of it.
  var phrase: String {
    switch self {
    case .none: "None"
    case .boolean: "a truth value"
    case .integer, .number: "a number"
    case .text: "a text"
    case .name(let name): "the name \(name.spelling)"
    case .container(let kind, _): kind.phrase
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// Bytes of a pickle.
package struct PickleText {
  let start: UInt32
  let count: UInt32
}

/// The names that a pickle of weights may use. They are never looked up anywhere: each stands for one thing that is done here.
package enum PickleName {
  case orderedDictionary
  case rebuildTensor
  case rebuildTensor2
  case rebuildParameter
  case storage(ElementType)

  /// The name of this module and these words; nil where it is another one.
  init?(_ module: String, _ name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor2
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", _):
      guard let type = Self.storages.first(where: { $0.name == name })?.type else { return nil }
      self = .storage(type)
    default: return nil
    }
  }

  var spelling: String {
    switch self {
    case .orderedDictionary: "collections.OrderedDict"
    case .rebuildTensor: "torch._utils._rebuild_tensor"
    case .rebuildTensor2: "torch._utils._rebuild_tensor_v2"
    case .rebuildParameter: "torch._utils._rebuild_parameter"
    case .storage(let type): "torch." + (Self.storages.first { $0.type == type }?.name ?? "Storage")
    }
  }

  private static let storages: [(name: String, type: ElementType)] = [
    ("FloatStorage", .float32), ("DoubleStorage", .float64), ("HalfStorage", .float16), ("BFloat16Storage", .bfloat16),
    ("LongStorage", .int64), ("IntStorage", .int32), ("ShortStorage", .int16), ("CharStorage", .int8),
    ("ByteStorage", .uint8), ("BoolStorage", .bool),
  ]
}

/// A tuple, list or dictionary of a pickle: a chain of cells.
package struct PickleContainer {
  package enum Kind: UInt8 {
    case tuple, list, dictionary, orderedDictionary

    var phrase: String {
      switch self {
      case .tuple: "a tuple"
      case .list: "a list"
      case .dictionary, .orderedDictionary: "a dictionary"
      }
    }

    var isDictionary: Bool { self == .dictionary || self == .orderedDictionary }
  }

  /// The first and the last cell; -1 where there is none.
  fileprivate var first: Int32 = -1
  fileprivate var last: Int32 = -1
  fileprivate(set) var count: Int32 = 0
}

/// What a pickle's storage tuple says: which bytes, how many elements of what type.
struct PickledStorage {
  let type: ElementType
  let key: PickleText
  /// Elements of the whole storage.
  let total: Int
  /// The elements that this view of it has.
  let view: Range<Int>
}

/// What a pickle says of a tensor, none of it checked against the storage yet.
struct PickledTensor {
  let storage: Int32
  let offset: Int
  let sizes: Int32
  let strides: Int32
}

/// The containers, storages and tensors of a file's pickles, in flat arrays of bounded size.
struct PickleHeap {
  /// Items of containers; a tensor takes about twenty, so this is enough for 25,000 tensors.
  private static let mostCells = 1 << 19
  private static let mostObjects = 1 << 18

  private struct Cell {
    let value: PickleValue
    var next: Int32
  }

  private var containers: [PickleContainer] = []
  private var cells: [Cell] = []
  private(set) var storages: [PickledStorage] = []
  private(set) var tensors: [PickledTensor] = []

  /// Whether more was read than weights have any use for.
  private(set) var isFull = false

  mutating func make(_ kind: PickleContainer.Kind, _ items: some Collection<PickleValue> = []) -> PickleValue {
    containers.append(PickleContainer())
    isFull = isFull || containers.count >= Self.mostObjects
    let index = Int32(containers.count - 1)
    for item in items { append(item, to: index) }
    return .container(kind, index)
  }

  mutating func append(_ value: PickleValue, to container: Int32) {
    guard cells.count < Self.mostCells else {
      isFull = true
      return
    }
    cells.append(Cell(value: value, next: -1))
    let (cell, container) = (Int32(cells.count - 1), Int(container))
    if containers[container].last >= 0 { cells[Int(containers[container].last)].next = cell }
    if containers[container].first < 0 { containers[container].first = cell }
    containers[container].last = cell
    containers[container].count += 1
  }

  mutating func make(_ storage: PickledStorage) -> PickleValue {
    storages.append(storage)
    isFull = isFull || storages.count >= Self.mostObjects
    return .storage(Int32(storages.count - 1))
  }

  mutating func make(_ tensor: PickledTensor) -> PickleValue {
    tensors.append(tensor)
    isFull = isFull || tensors.count >= Self.mostObjects
    return .tensor(Int32(tensors.count - 1))
  }

  func count(of container: Int32) -> Int { Int(containers[Int(container)].count) }

  /// The items of a container; of a dictionary keys and values by turns.
  func items(of container: Int32) -> some Sequence<PickleValue> {
    sequence(state: containers[Int(container)].first) { (cell: inout Int32) -> PickleValue? in
      guard cell >= 0 else { return nil }
      defer { cell = cells[Int(cell)].next }
      return cells[Int(cell)].value
    }
  }
}
