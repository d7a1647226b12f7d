import Checkpoints

extension WeightBytes {
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
    try withExtendedLifetime(self) {
      var gathering = Gathering(tensor, strides, from: bytes)
      while true {
        let filled = gathering.fill(scratch)
        guard filled > 0 else { break }
        try body(UnsafeRawBufferPointer(rebasing: scratch[..<filled]))
      }
      release(tensor.span)
    }
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
