import Checkpoints

/// Reads pickles as data. Nothing is executed: a fixed set of instructions and of names is known, everything else is refused.
///
/// Pickle is a language for a machine with a stack and a memo. Its power to call any function of any module is what makes a
/// `pytorch_model.bin` dangerous; this machine has no call. `REDUCE` of one of the names in `PickleName` makes a description
/// of a tensor, which is checked against the file before a byte of it is used.
///
/// Stack, memo and heap are bounded, and grow with the bytes read only.
package struct PickleReader {
  /// Bytes that a file's pickles may have: far more than those of any model.
  package static let longest = 16 << 20
  private static let deepest = 1 << 16
  private static let mostMemos = 1 << 19
  private static let longestName = 256

  /// The file, for messages.
  let file: String
  private let bytes: UnsafeRawBufferPointer
  /// Where the next pickle begins.
  package private(set) var position = 0
  var heap = PickleHeap()

  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [PickleValue?] = []

  /// A reader of the pickles at the beginning of `bytes`, which must outlive it.
  package init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.longest))
    self.file = file
  }

  /// Reads a pickle to its end.
  package mutating func next() throws(ModelError) -> PickleValue {
    stack.removeAll(keepingCapacity: true)
    marks.removeAll(keepingCapacity: true)
    memo.removeAll(keepingCapacity: true)
    while true {
      let byte = try number(of: 1)
      guard let opcode = PickleOpcode(rawValue: UInt8(byte)) else {
        throw refused("uses the pickle instruction \(PickleOpcode.refused(UInt8(byte)))")
      }
      guard opcode != .stop else { break }
      try step(opcode)
      guard !heap.isFull, stack.count <= Self.deepest, marks.count <= Self.deepest else {
        throw wrong("holds a pickle of more objects than any model has")
      }
    }
    guard stack.count == 1, marks.isEmpty else { throw wrong("holds a pickle that does not end with one value") }
    return stack[0]
  }

  func string(_ text: PickleText) -> String {
    String(decoding: raw(text), as: UTF8.self)
  }

  func raw(_ text: PickleText) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[Int(text.start)..<Int(text.start) + Int(text.count)])
  }

  /// An error of a file whose bytes cannot be what its writer meant.
  func wrong(_ problem: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "download the file again")
  }

  /// An error of a file that asks for more than weights need.
  func refused(_ problem: String) -> ModelError {
    ModelError(
      file: file, problem: problem + ", which weights do not need and which could run code",
      remedy: "use a model.safetensors of this model, or save its state_dict() again with PyTorch on a machine apart")
  }

  private mutating func step(_ opcode: PickleOpcode) throws(ModelError) {
    switch opcode {
    case .stop, .none: stack.append(.none)
    case .newTrue: stack.append(.boolean(true))
    case .newFalse: stack.append(.boolean(false))
    case .mark: marks.append(stack.count)
    case .version:
      let version = try number(of: 1)
      guard (2...5).contains(version) else { throw wrong("holds a pickle of protocol \(version), not 2 to 5") }
    case .frame: guard try number(of: 8) <= bytes.count - position else { throw cutShort() }
    case .int, .int1, .int2, .float, .long1, .long4: try number(opcode)
    case .string, .shortString, .unicode, .shortUnicode, .unicode8: try text(opcode)
    case .emptyTuple, .emptyList, .emptyDictionary, .tuple, .tuple1, .tuple2, .tuple3, .append, .appends, .setItem,
      .setItems:
      try container(opcode)
    case .put, .longPut, .memoize, .get, .longGet: try memo(opcode)
    case .global, .stackGlobal: try name(opcode)
    case .persistentID:
      let value = try pop()
      stack.append(try storage(value))
    case .reduce:
      let (arguments, callee) = (try pop(), try pop())
      stack.append(try result(of: callee, arguments))
    case .build:
      // The attributes of a dictionary of weights, such as _metadata: read, so that nothing hides there, and dropped.
      _ = try pop()
      guard case .container(.orderedDictionary, _)? = stack.last, stack.count > (marks.last ?? 0) else {
        throw refused("sets attributes of something else than a dictionary")
      }
    }
  }

  // MARK: Values

  private mutating func number(_ opcode: PickleOpcode) throws(ModelError) {
    switch opcode {
    case .int1: stack.append(.integer(try number(of: 1)))
    case .int2: stack.append(.integer(try number(of: 2)))
    case .int: stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(of: 4)))))
    case .float: stack.append(.number(try take(8)))
    default:
      let text = try take(opcode == .long1 ? try number(of: 1) : try signedLength())
      guard text.count <= 8 else {
        stack.append(.number(text))
        return
      }
      var value = 0
      for (index, byte) in raw(text).enumerated() { value |= Int(byte) << (8 * index) }
      let unused = 64 - 8 * Int(text.count)
      stack.append(.integer(text.count == 0 ? 0 : (value << unused) >> unused))
    }
  }

  private mutating func text(_ opcode: PickleOpcode) throws(ModelError) {
    let count =
      switch opcode {
      case .shortString, .shortUnicode: try number(of: 1)
      case .unicode: try number(of: 4)
      case .unicode8: try number(of: 8)
      default: try signedLength()
      }
    let text = try take(count)
    guard String(validating: raw(text), as: UTF8.self) != nil else { throw wrong("holds a text that is not UTF-8") }
    stack.append(.text(text))
  }

  private mutating func container(_ opcode: PickleOpcode) throws(ModelError) {
    switch opcode {
    case .emptyTuple: stack.append(heap.make(.tuple))
    case .emptyList: stack.append(heap.make(.list))
    case .emptyDictionary: stack.append(heap.make(.dictionary))
    case .tuple: try tuple(sinceMark())
    case .tuple1: try tuple(top(1))
    case .tuple2: try tuple(top(2))
    case .tuple3: try tuple(top(3))
    case .append: try extend(top(1), pairs: false)
    case .appends: try extend(sinceMark(), pairs: false)
    case .setItem: try extend(top(2), pairs: true)
    default: try extend(sinceMark(), pairs: true)
    }
  }

  private mutating func tuple(_ first: Int) throws(ModelError) {
    let tuple = heap.make(.tuple, stack[first...])
    stack.removeSubrange(first...)
    stack.append(tuple)
  }

  /// Adds the values from `first` on to the list or dictionary before them.
  private mutating func extend(_ first: Int, pairs: Bool) throws(ModelError) {
    guard first > (marks.last ?? 0), case .container(let kind, let index) = stack[first - 1],
      pairs ? kind.isDictionary : kind == .list
    else { throw wrong("holds a pickle that adds items to something else than a \(pairs ? "dictionary" : "list")") }
    guard !pairs || (stack.count - first) % 2 == 0 else { throw wrong("holds a pickle with a key without a value") }
    for value in stack[first...] { heap.append(value, to: index) }
    stack.removeSubrange(first...)
  }

  // MARK: Stack and memo

  private mutating func pop() throws(ModelError) -> PickleValue {
    _ = try top(1)
    return stack.removeLast()
  }

  /// Where the uppermost values begin, of those since the last mark.
  private func top(_ count: Int) throws(ModelError) -> Int {
    guard stack.count - count >= marks.last ?? 0 else {
      throw wrong("holds a pickle that takes a value that is not there")
    }
    return stack.count - count
  }

  private mutating func sinceMark() throws(ModelError) -> Int {
    guard let mark = marks.popLast() else { throw wrong("holds a pickle that ends a list which was not begun") }
    return mark
  }

  private mutating func memo(_ opcode: PickleOpcode) throws(ModelError) {
    switch opcode {
    case .get, .longGet:
      let index = try number(of: opcode == .get ? 1 : 4)
      guard index < memo.count, let value = memo[index] else {
        throw wrong("holds a pickle that recalls the value \(index), which it did not keep")
      }
      stack.append(value)
    default:
      let index =
        switch opcode {
        case .put: try number(of: 1)
        case .longPut: try number(of: 4)
        default: memo.count
        }
      // Writers count on, with gaps at most where a value is never recalled; each value has at least a byte.
      guard index < min(Self.mostMemos, position), stack.count > (marks.last ?? 0), let value = stack.last else {
        throw wrong("holds a pickle that keeps a value at \(index), further than it has values")
      }
      while memo.count <= index { memo.append(nil) }
      memo[index] = value
    }
  }

  // MARK: Bytes

  private mutating func name(_ opcode: PickleOpcode) throws(ModelError) {
    let (module, name): (String, String)
    if opcode == .global {
      (module, name) = (try line(), try line())
    } else {
      guard case .text(let last) = try pop(), case .text(let first) = try pop() else {
        throw wrong("holds a pickle that makes a name of something else than two texts")
      }
      (module, name) = (string(first), string(last))
    }
    guard let known = PickleName(module, name) else {
      throw refused("names \(quoted(module + "." + name))")
    }
    stack.append(.name(known))
  }

  private mutating func line() throws(ModelError) -> String {
    let rest = bytes[position...].prefix(Self.longestName)
    guard let end = rest.firstIndex(of: 0x0A) else { throw wrong("holds a pickle with a name without an end") }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private func cutShort() -> ModelError {
    position < Self.longest
      ? wrong("ends inside a pickle")
      : wrong("holds pickles of more than \(Self.longest >> 20) MiB, more than any model has")
  }

  private mutating func take(_ count: Int) throws(ModelError) -> PickleText {
    guard count <= bytes.count - position else { throw cutShort() }
    defer { position += count }
    return PickleText(start: UInt32(position), count: UInt32(count))
  }

  /// A little-endian number without a sign.
  private mutating func number(of width: Int) throws(ModelError) -> Int {
    guard width <= bytes.count - position else { throw cutShort() }
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += width
    return Int(clamping: value)
  }

  private mutating func signedLength() throws(ModelError) -> Int {
    let length = Int32(truncatingIfNeeded: try number(of: 4))
    guard length >= 0 else { throw wrong("holds a pickle with a value of \(length) bytes") }
    return Int(length)
  }
}
