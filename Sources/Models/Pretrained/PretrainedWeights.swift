import Checkpoints
import Glibc

/// The weights in a model's folder, in any of the formats that are read, behind one surface.
///
///     model.safetensors                 SafetensorsWeights
///     model.safetensors.index.json      ShardedWeights, of several such files
///     pytorch_model.bin                 ZipWeights (since PyTorch 1.6), StreamWeights (before)
///     pytorch_model.bin.index.json      ShardedWeights, of several such files
///
/// The first of these that the folder has is taken, as transformers does. A format is a function from a file to the places of
/// its tensors (`StoredTensor`), every one of them checked; all else is here, once. Names, shapes and types cost no memory;
/// values are read straight into the caller's memory.
public struct PretrainedWeights: Sendable {
  /// What the files say of a tensor.
  public struct Entry: Equatable, Sendable {
    /// The name as the file spells it.
    public let name: String
    /// The extents, outermost first; empty for a scalar.
    public let shape: [Int]
    /// The type of the elements in the file.
    public let type: ElementType

    /// How many elements the tensor has.
    public var count: Int { shape.reduce(1, *) }
  }

  /// The file of the weights, for messages; of several files their index.
  public let path: String
  /// The tensors in the order in which the files are best read.
  public let entries: [Entry]
  private let tensors: [String: StoredTensor]

  /// The weights of a model's folder.
  /// - Throws: `ModelError` or `SafetensorsError` where there are none, or a file is damaged, dangerous or of another format.
  public static func open(directory: String) throws -> PretrainedWeights {
    func exists(_ name: String) -> Bool { access(directory + "/" + name, F_OK) == 0 }
    for format in formats {
      guard let name = [format.file, format.file + ShardedWeights.ending].first(where: exists) else { continue }
      let path = directory + "/" + name
      let tensors =
        name == format.file
        ? try WeightBytes.reading(path, format.tensors)
        : try ShardedWeights.tensors(index: path, in: directory, format.tensors)
      return try PretrainedWeights(path: path, tensors)
    }
    throw MissingWeights.error(in: directory, has: exists)
  }

  private static let formats: [(file: String, tensors: @Sendable (WeightBytes) throws -> [StoredTensor])] = [
    ("model.safetensors", SafetensorsWeights.tensors), ("pytorch_model.bin", PyTorchWeights.tensors),
  ]

  private init(path: String, _ tensors: [StoredTensor]) throws(ModelError) {
    self.path = path
    entries = tensors.map { Entry(name: $0.name, shape: $0.shape, type: $0.type) }
    var table: [String: StoredTensor] = [:]
    for tensor in tensors where table.updateValue(tensor, forKey: tensor.name) != nil {
      throw ModelError(file: path, problem: "has \(quoted(tensor.name)) twice", remedy: "download the file again")
    }
    self.tensors = table
  }

  /// The entry of the tensor `name`; nil where there is none.
  public subscript(name: String) -> Entry? {
    tensors[name].map { Entry(name: $0.name, shape: $0.shape, type: $0.type) }
  }

  /// The names of the tensors in the order of `entries`.
  public var names: [String] { entries.map(\.name) }

  /// Converts the tensor `name` (F32, F16, BF16 or F64) into `destination`, which must have exactly its count.
  /// - Throws: `ModelError` where a value is not finite, the type is another, or the file cannot be read.
  public func readFinite(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws {
    try read(name, into: destination) { tensor, values in
      guard FloatConversion.areFinite(values) else {
        throw ModelError(
          file: tensor.file.path, problem: "tensor \(quoted(name)) holds values that are not finite numbers",
          remedy: "use a model whose training did not diverge, or convert it again")
      }
    }
  }

  /// The tensor `name` (F32, F16, BF16 or F64) as single precision.
  public func floats(_ name: String) throws -> [Float] {
    let count = try tensor(name).count
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count])) { _, _ in }
      initialized = count
    }
  }

  /// The tensor `name` (F64, F32, F16 or BF16) as double precision.
  public func doubles(_ name: String) throws -> [Double] {
    guard try tensor(name).type == .float64 else { return try floats(name).map(Double.init) }
    let bytes = try bytes(of: name)
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { index in
        Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
      }
    }
  }

  /// The little-endian bytes of the tensor `name`, row by row.
  public func bytes(of name: String) throws -> [UInt8] {
    let tensor = try tensor(name)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(tensor.count * tensor.type.width)
    try tensor.file.forEachPiece(of: tensor) { bytes += $0 }
    return bytes
  }

  /// Converts piece by piece, so that `check` looks at values which are still in the processor's cache.
  private func read(
    _ name: String, into destination: UnsafeMutableBufferPointer<Float>,
    check: (StoredTensor, UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let tensor = try tensor(name)
    precondition(
      destination.count == tensor.count, "room for \(destination.count) elements, but \(name) has \(tensor.count)")
    guard tensor.type != .float32 || tensor.strides != nil else {
      let width = MemoryLayout<Float>.size
      for first in stride(from: 0, to: tensor.count, by: WeightBytes.chunk / width) {
        let piece = destination[first..<min(first + WeightBytes.chunk / width, tensor.count)]
        let values = UnsafeMutableBufferPointer(rebasing: piece)
        try tensor.file.read(at: tensor.start + first * width, into: UnsafeMutableRawBufferPointer(values))
        try check(tensor, UnsafeBufferPointer(values))
      }
      return
    }
    var first = 0
    try tensor.file.forEachPiece(of: tensor) { bytes in
      let values = UnsafeMutableBufferPointer(rebasing: destination[first..<first + bytes.count / tensor.type.width])
      guard FloatConversion.convert(bytes, tensor.type, to: values) else {
        throw ModelError(
          file: tensor.file.path,
          problem: "tensor \(quoted(name)) has type \(tensor.type.rawValue) where floating-point numbers are needed",
          remedy: "check that the file belongs to this model")
      }
      try check(tensor, UnsafeBufferPointer(values))
      first += values.count
    }
  }

  private func tensor(_ name: String) throws(ModelError) -> StoredTensor {
    guard let tensor = tensors[name] else {
      throw ModelError(
        file: path, problem: "lacks the tensor \(quoted(name))", remedy: "check that the file belongs to this model")
    }
    return tensor
  }
}
