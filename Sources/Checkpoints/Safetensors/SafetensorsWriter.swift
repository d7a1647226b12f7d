/// Writes a safetensors file: the tensors in the order they were added, the same bytes for the same tensors.
///
/// Tensors are written straight from the caller's memory, which must stay valid and unchanged until `write` returns.
public struct SafetensorsWriter {
  private struct Tensor {
    let name: String
    let type: ElementType
    let shape: [Int]
    let bytes: UnsafeRawBufferPointer
  }

  private let metadata: [String: String]
  private var tensors: [Tensor] = []
  private var names: Set<String> = ["__metadata__"]

  /// A writer of a file with the given `__metadata__`; transformers refuses files that lack `format: pt`.
  public init(metadata: [String: String] = ["format": "pt"]) {
    self.metadata = metadata
  }

  /// Adds an F32 tensor.
  public mutating func add(_ name: String, shape: [Int], _ values: UnsafeBufferPointer<Float>) {
    add(name, .float32, shape: shape, UnsafeRawBufferPointer(values))
  }

  /// Adds an I64 tensor.
  public mutating func add(_ name: String, shape: [Int], _ values: UnsafeBufferPointer<Int64>) {
    add(name, .int64, shape: shape, UnsafeRawBufferPointer(values))
  }

  /// Adds a tensor of any type whose elements are already little-endian bytes.
  public mutating func add(_ name: String, _ type: ElementType, shape: [Int], _ bytes: UnsafeRawBufferPointer) {
    precondition(names.insert(name).inserted, "a second tensor named \(name)")
    let size = shape.reduce(type.width, *)
    precondition(bytes.count == size, "\(name): \(bytes.count) bytes, but \(type) of shape \(shape) needs \(size)")
    tensors.append(Tensor(name: name, type: type, shape: shape, bytes: bytes))
  }

  /// Writes the file at `path`: aside, synchronized, renamed; whatever was there before is replaced.
  public func write(to path: String, storage: any Storage = PosixStorage()) throws(StorageError) {
    let header = SafetensorsHeader.encode(tensors.map { ($0.name, $0.type, $0.shape) }, metadata: metadata)
    let pieces = tensors.map(\.bytes)
    try AtomicFile.write(to: path, storage: storage) { file throws(StorageError) in
      try file.allocate(pieces.reduce(header.count) { $0 + $1.count })
      try file.write(header)
      for piece in pieces { try file.write(piece) }
    }
  }
}
