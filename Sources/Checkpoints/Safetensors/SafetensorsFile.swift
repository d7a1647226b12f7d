import Crypto
import Support

/// A safetensors file, mapped into memory, its header checked in full before anything is read.
///
/// Names, types, shapes and offsets come from outside and are refused unless the tensors fill the file exactly.
public final class SafetensorsFile: Sendable {
  /// The path given at opening.
  public let path: String
  /// The strings under `__metadata__`, such as `format: pt`.
  public let metadata: [String: String]
  /// The tensors in the order of their bytes.
  public let entries: [TensorEntry]

  private let index: [String: Int]
  private let mapping: MappedFile
  private let dataStart: Int

  /// Opens the file at `path`.
  ///
  /// Throws `StorageError` when it cannot be opened and `SafetensorsError` when it is not a sound safetensors file.
  public init(_ path: String) throws {
    mapping = try MappedFile(path)
    let header = try SafetensorsHeader(of: mapping.bytes, file: path)
    self.path = path
    metadata = header.metadata
    entries = header.entries
    dataStart = header.dataStart
    index = Dictionary(uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
  }

  /// The names of the tensors in the order of their bytes.
  public var names: [String] { entries.map(\.name) }

  /// The entry of the tensor `name`, or nil when the file has none.
  public subscript(name: String) -> TensorEntry? { index[name].map { entries[$0] } }

  /// Calls `body` with the tensor's bytes, little-endian and perhaps unaligned; they are valid during the call.
  public func withBytes<Result>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    let entry = try entry(name)
    return try withExtendedLifetime(mapping) {
      try body(UnsafeRawBufferPointer(rebasing: mapping.bytes[entry.bytes]))
    }
  }

  /// Converts the tensor `name` (F32, F16, BF16 or F64) into `destination`, which must have exactly its count.
  public func read(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws {
    let entry = try entry(name)
    precondition(
      destination.count == entry.count, "room for \(destination.count) elements, but \(name) has \(entry.count)")
    try withBytes(of: name) { bytes in
      switch entry.type {
      case .float32: UnsafeMutableRawBufferPointer(destination).copyMemory(from: bytes)
      case .float16: convert(bytes, to: destination) { (bits: UInt16) in singleFromHalf(bits) }
      case .bfloat16: convert(bytes, to: destination) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
      case .float64: convert(bytes, to: destination) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
      default: throw unfit(entry, "floating-point numbers")
      }
    }
  }

  /// As `read`, for weights: a number that is not finite is an error.
  public func readFinite(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws {
    try read(name, into: destination)
    guard !holdsNonFinite(UnsafeBufferPointer(destination)) else {
      throw SafetensorsError(
        file: path, tensor: name, "holds values that are not finite numbers",
        advice: "use a model whose training did not diverge, or convert it again")
    }
  }

  /// The tensor `name` (F32, F16, BF16 or F64) as single precision.
  public func floats(_ name: String) throws -> [Float] {
    let count = try entry(name).count
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// The tensor `name` (F64, F32, F16 or BF16) as double precision.
  public func doubles(_ name: String) throws -> [Double] {
    let entry = try entry(name)
    guard entry.type == .float64 else { return try floats(name).map(Double.init) }
    return try withBytes(of: name) { bytes in elements(bytes) { (bits: UInt64) in Double(bitPattern: bits) } }
  }

  /// The tensor `name` (any integer type, or BOOL as 0 and 1) as 64-bit integers.
  public func integers(_ name: String) throws -> [Int64] {
    let entry = try entry(name)
    return try withBytes(of: name) { bytes in
      switch entry.type {
      case .bool, .uint8: elements(bytes) { (bits: UInt8) in Int64(bits) }
      case .int8: elements(bytes) { (bits: UInt8) in Int64(Int8(bitPattern: bits)) }
      case .int16: elements(bytes) { (bits: UInt16) in Int64(Int16(bitPattern: bits)) }
      case .uint16: elements(bytes) { (bits: UInt16) in Int64(bits) }
      case .int32: elements(bytes) { (bits: UInt32) in Int64(Int32(bitPattern: bits)) }
      case .uint32: elements(bytes) { (bits: UInt32) in Int64(bits) }
      case .int64: elements(bytes) { (bits: UInt64) in Int64(bitPattern: bits) }
      case .uint64:
        try elements(bytes) { (bits: UInt64) in
          guard let value = Int64(exactly: bits) else {
            throw SafetensorsError(
              file: path, tensor: name, "holds \(bits), more than 64 signed bits can", advice: "store it as I64")
          }
          return value
        }
      default: throw unfit(entry, "integers")
      }
    }
  }

  /// The SHA-256 of the file's tensor data, without the header: the `weights_sha256` of a run's summary.
  public var sha256OfTensorData: String {
    withExtendedLifetime(mapping) {
      var hash = SHA256()
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: mapping.bytes[dataStart...]))
      return hash.finalize().hexadecimal
    }
  }

  private func entry(_ name: String) throws(SafetensorsError) -> TensorEntry {
    guard let entry = self[name] else {
      throw SafetensorsError(
        file: path, tensor: name, "is not in the file", advice: "check that the file belongs to this model")
    }
    return entry
  }

  private func unfit(_ entry: TensorEntry, _ wanted: String) -> SafetensorsError {
    SafetensorsError(
      file: path, tensor: entry.name, "has dtype \(entry.type.rawValue) where \(wanted) are needed",
      advice: "check that the file belongs to this model")
  }
}

/// The SHA-256 of the tensor data in the safetensors file at `path`, in hexadecimal.
public func sha256OfTensorData(_ path: String) throws -> String {
  try SafetensorsFile(path).sha256OfTensorData
}
