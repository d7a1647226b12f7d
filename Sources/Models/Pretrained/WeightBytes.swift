import Checkpoints
import Glibc

/// The bytes of a file of weights: mapped for what is looked up here and there, read in order for what is many.
final class WeightBytes: Sendable {
  /// Bytes that are converted at once, so that they stay in the processor's cache.
  static let chunk = 1 << 20

  let path: String
  private let mapping: MappedFile

  /// - Throws: `ModelError` where the file cannot be read, or is something else that is often found under such a name.
  init(_ path: String) throws(ModelError) {
    self.path = path
    do { mapping = try MappedFile(path) } catch {
      throw ModelError(
        file: path, problem: "cannot be read (\(String(cString: strerror(error.code))))",
        remedy: "check that it is a regular file, and readable")
    }
    try refuseForeign()
    mapping.expectSequentialReads()
  }

  /// All bytes; valid as long as this object, which `reading` keeps.
  var bytes: UnsafeRawBufferPointer { mapping.bytes }

  /// Opens the file at `path` for a reader of its bytes; their pages are given back afterwards.
  static func reading<Result>(_ path: String, _ read: (WeightBytes) throws -> Result) throws -> Result {
    let file = try WeightBytes(path)
    return try withExtendedLifetime(file) {
      defer { file.mapping.release(file.bytes.indices) }
      return try read(file)
    }
  }

  /// Calls `body` with the tensor's bytes, row by row, little-endian and perhaps unaligned, in pieces of whole elements.
  ///
  /// Nothing of the file stays in memory: what lies in order is read, what does not is gathered from the mapping.
  func forEachPiece(of tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let count = tensor.count * tensor.type.width
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: min(max(count, 1), Self.chunk), alignment: 64)
    defer { scratch.deallocate() }
    guard let strides = tensor.strides else {
      for first in stride(from: 0, to: count, by: Self.chunk) {
        let piece = UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(Self.chunk, count - first)])
        try read(at: tensor.start + first, into: piece)
        try body(UnsafeRawBufferPointer(piece))
      }
      return
    }
    try withExtendedLifetime(mapping) {
      var gathering = Gathering(tensor, strides, from: bytes)
      while true {
        let filled = gathering.fill(scratch)
        guard filled > 0 else { break }
        try body(UnsafeRawBufferPointer(rebasing: scratch[..<filled]))
      }
      mapping.release(tensor.span)
    }
  }

  func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(ModelError) {
    do { try mapping.read(at: offset, into: destination) } catch {
      throw ModelError(
        file: path, problem: "cannot be read to its end (\(String(cString: strerror(error.code))))",
        remedy: "check the disk, and that nothing writes the file")
    }
  }

  /// What is often found in place of weights.
  private func refuseForeign() throws(ModelError) {
    func starts(with text: String, at offset: Int = 0) -> Bool {
      bytes.count >= offset + text.utf8.count && bytes[offset...].prefix(text.utf8.count).elementsEqual(text.utf8)
    }
    let problem: (String, String)? =
      if bytes.isEmpty {
        ("is empty", "download the file again")
      } else if starts(with: "version https://git-lfs.github.com/spec") {
        (
          "is a Git LFS pointer, not the weights",
          "fetch them with git lfs pull in this folder, or download the file from the model's page"
        )
      } else if starts(with: "<") {
        ("is a web page, not weights", "download the file itself, from the link that the page gives")
      } else if starts(with: "ustar", at: 257) {
        (
          "is a tar archive, as PyTorch wrote before 2017",
          "load it with PyTorch and save its state_dict() again"
        )
      } else {
        nil
      }
    if let (problem, remedy) = problem { throw ModelError(file: path, problem: problem, remedy: remedy) }
  }
}

/// The elements of a tensor with strides, in the order of its rows.
private struct Gathering {
  private let bytes: UnsafeRawBufferPointer
  private let width: Int
  /// Extents and strides of all but the last, and those of the last.
  private let outer: [(extent: Int, stride: Int)]
  private let inner: (extent: Int, stride: Int)
  private var place: [Int]
  private var column = 0
  /// The element at `place` in the file's bytes.
  private var row: Int
  private var isDone: Bool

  init(_ tensor: StoredTensor, _ strides: [Int], from bytes: UnsafeRawBufferPointer) {
    (self.bytes, width, row, isDone) = (bytes, tensor.type.width, tensor.start, tensor.count == 0)
    let extents = zip(tensor.shape, strides).map { (extent: $0, stride: $1 * tensor.type.width) }
    outer = Array(extents.dropLast())
    inner = extents.last ?? (1, 0)
    place = Array(repeating: 0, count: outer.count)
  }

  /// Writes the next elements, as many as there is room for; returns their bytes, 0 at the end.
  mutating func fill(_ destination: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    while !isDone, filled + width <= destination.count {
      let count = min(inner.extent - column, (destination.count - filled) / width)
      for index in column..<column + count {
        let source = row + index * inner.stride
        UnsafeMutableRawBufferPointer(rebasing: destination[filled..<filled + width])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[source..<source + width]))
        filled += width
      }
      column += count
      if column == inner.extent { nextRow() }
    }
    return filled
  }

  private mutating func nextRow() {
    column = 0
    for axis in outer.indices.reversed() {
      place[axis] += 1
      row += outer[axis].stride
      guard place[axis] == outer[axis].extent else { return }
      row -= outer[axis].extent * outer[axis].stride
      place[axis] = 0
    }
    isDone = true
  }
}
