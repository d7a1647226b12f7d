import Support

/// What a safetensors header says of one tensor.
public struct TensorEntry: Equatable, Sendable {
  /// The name as the file spells it.
  public let name: String
  /// The type of the elements.
  public let type: ElementType
  /// The extents, outermost first; empty for a scalar.
  public let shape: [Int]
  /// Where the elements lie, in bytes from the start of the file.
  public let bytes: Range<Int>

  /// How many elements the tensor has.
  public var count: Int { bytes.count / type.width }
}

/// The checked header of a safetensors file: `u64` length, JSON, then the tensors' bytes without a hole.
///
/// Parsing is pure: bytes in, entries out. Nothing the bytes say is used before it is checked.
/// Source: the safetensors format description and `safetensors/src/tensor.rs` (`Metadata::validate`).
package struct SafetensorsHeader {
  /// Bytes of the length that opens the file.
  static let lengthBytes = 8
  /// The largest header read, as in the reference implementation.
  static let largest = 100_000_000
  /// The most extents a tensor may have.
  static let deepest = 32

  /// The tensors in the order of their bytes.
  package let entries: [TensorEntry]
  /// The strings under `__metadata__`.
  let metadata: [String: String]
  /// Where the tensors' bytes begin.
  let dataStart: Int

  /// The header's length from the first 8 bytes of a file of `fileSize` bytes.
  static func length(_ prefix: UnsafeRawBufferPointer, fileSize: Int, file: String) throws(SafetensorsError) -> Int {
    guard prefix.count >= lengthBytes, fileSize >= lengthBytes else {
      throw SafetensorsError(file: file, "has \(fileSize) bytes, too few for a safetensors header")
    }
    let length = UInt64(littleEndian: prefix.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(fileSize - lengthBytes) else {
      throw SafetensorsError(file: file, "says its header has \(length) bytes, but the file has \(fileSize)")
    }
    guard length <= UInt64(largest) else {
      throw SafetensorsError(file: file, "has a header of \(length) bytes, more than the \(largest) allowed")
    }
    return Int(length)
  }

  /// Parses and checks the header of the file whose bytes, all of them, are `bytes`; `file` is its name in errors.
  package init(of bytes: UnsafeRawBufferPointer, file: String) throws(SafetensorsError) {
    let length = try Self.length(bytes, fileSize: bytes.count, file: file)
    let json = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(Self.lengthBytes).prefix(length))
    try self.init(json: json, fileSize: bytes.count, file: file)
  }

  /// Parses and checks `json`, the header's text without its length, of a file of `fileSize` bytes.
  init(json: UnsafeRawBufferPointer, fileSize: Int, file: String) throws(SafetensorsError) {
    let dataStart = Self.lengthBytes + json.count
    var entries: [TensorEntry] = []
    var metadata: [String: String] = [:]
    do {
      var reader = JSONReader(json)
      try reader.object { reader, name in
        if name == "__metadata__" {
          try reader.object { reader, key in metadata[key] = try reader.string() }
        } else {
          entries.append(try Self.entry(name, &reader, dataStart: dataStart, fileSize: fileSize, file: file))
        }
      }
      try reader.end()
    } catch let error as SafetensorsError {
      throw error
    } catch {
      throw SafetensorsError(file: file, "has a header that cannot be read: \(error)")
    }
    entries.sort { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
    var expected = dataStart
    for entry in entries {
      guard entry.bytes.lowerBound == expected else {
        let found = entry.bytes.lowerBound - dataStart
        let problem = found < expected - dataStart ? "overlaps the tensor before it" : "leaves a hole before it"
        throw SafetensorsError(
          file: file, tensor: entry.name, "\(problem): begins at \(found), not at \(expected - dataStart)")
      }
      expected = entry.bytes.upperBound
    }
    guard expected == fileSize else {
      throw SafetensorsError(file: file, "has \(fileSize - expected) bytes after its last tensor")
    }
    self.entries = entries
    self.metadata = metadata
    self.dataStart = dataStart
  }

  private static func entry(
    _ name: String, _ reader: inout JSONReader, dataStart: Int, fileSize: Int, file: String
  ) throws -> TensorEntry {
    func wrong(_ problem: String) -> SafetensorsError { SafetensorsError(file: file, tensor: name, problem) }
    var type: ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try reader.object { reader, key in
      switch key {
      case "dtype":
        let spelled = try reader.string()
        type = ElementType(rawValue: spelled)
        if type == nil {
          let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
          throw SafetensorsError(
            file: file, tensor: name, "has the unknown dtype \(quoted(spelled))",
            advice: "convert it to one of \(known)")
        }
      case "shape": shape = try integers(&reader, atMost: deepest)
      case "data_offsets": offsets = try integers(&reader, atMost: 2)
      default: throw wrong("has the unknown field \(quoted(key))")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw wrong("lacks dtype, shape or a pair of data_offsets")
    }
    let (begin, end) = (offsets[0], offsets[1])
    guard begin >= 0, begin <= end, end <= fileSize - dataStart else {
      throw wrong("lies at bytes \(begin) to \(end) of \(fileSize - dataStart)")
    }
    guard let size = byteCount(shape, type) else { throw wrong("has the impossible shape \(shape)") }
    guard size == end - begin else {
      throw wrong("has \(end - begin) bytes, but \(type.rawValue) of shape \(shape) needs \(size)")
    }
    return TensorEntry(name: name, type: type, shape: shape, bytes: dataStart + begin..<dataStart + end)
  }

  private static func integers(_ reader: inout JSONReader, atMost limit: Int) throws -> [Int] {
    var values: [Int] = []
    try reader.array { reader in
      values.append(try reader.integer())
      if values.count > limit { throw reader.failure("more than \(limit) numbers") }
    }
    return values
  }

  /// The bytes of a tensor, or nil when an extent is negative or the product overflows.
  private static func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
    var product = type.width
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      product = next
    }
    return product
  }

  /// The first bytes of a file that holds `tensors` in this order: length, JSON, blanks up to a multiple of 8.
  static func encode(
    _ tensors: [(name: String, type: ElementType, shape: [Int])], metadata: [String: String]
  ) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(JSONLine.quoted($0.key)):\(JSONLine.quoted($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, type, shape) in tensors {
      let end = offset + shape.reduce(type.width, *)
      let extents = shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSONLine.quoted(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(extents)],\"data_offsets\":[\(offset),\(end)]}"
      )
      offset = end
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
  }
}
