import Checkpoints

/// Where a tensor lies in a file, in whatever format: checked, so that every element is inside the file.
struct StoredTensor: Sendable {
  /// The most extents a tensor may have.
  static let deepest = 32
  /// A tensor may repeat elements of its storage (a stride of 0), but may not grow beyond the storage by more than this.
  private static let mostRepeated = 1 << 20

  let name: String
  let type: ElementType
  let shape: [Int]
  /// Elements from one to the next of each extent; nil where all elements lie one after the other.
  let strides: [Int]?
  /// The first element's first byte in the file.
  let start: Int
  let file: WeightBytes

  var count: Int { shape.reduce(1, *) }

  /// The bytes of the file from the first to the last element.
  var span: Range<Int> {
    guard count > 0 else { return start..<start }
    guard let strides else { return start..<start + count * type.width }
    let last = zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
    return start..<start + (last + 1) * type.width
  }

  /// A tensor whose elements lie one after the other, as a checked header says.
  init(_ entry: TensorEntry, file: WeightBytes) {
    (name, type, shape, strides) = (entry.name, entry.type, entry.shape, nil)
    (start, self.file) = (entry.bytes.lowerBound, file)
  }

  /// A view of a storage.
  /// - Parameter storage: the storage's bytes in the file, a whole number of elements.
  /// - Throws: `ModelError` where an extent is impossible, or an element would lie outside the storage.
  init(
    _ name: String, _ type: ElementType, shape: [Int], strides: [Int], offset: Int, of storage: Range<Int>,
    file: WeightBytes
  ) throws(ModelError) {
    func wrong(_ problem: String) -> ModelError {
      ModelError(file: file.path, problem: "tensor \(quoted(name)) \(problem)", remedy: "download the file again")
    }
    let elements = storage.count / type.width
    guard shape.count <= Self.deepest, strides.count == shape.count else {
      throw wrong("has \(shape.count) extents and \(strides.count) strides")
    }
    guard let count = Self.product(shape) else { throw wrong("has the impossible shape \(shape)") }
    guard let last = Self.last(shape, strides), offset >= 0, offset <= elements,
      count == 0 || last < elements - offset
    else {
      throw wrong(
        "of shape \(shape) with strides \(strides) from element \(offset) on does not lie in its storage of \(elements)"
      )
    }
    guard count <= max(elements, Self.mostRepeated) else {
      throw wrong("of shape \(shape) has \(count) elements, and its storage only \(elements)")
    }
    (self.name, self.type, self.shape, self.file) = (name, type, shape, file)
    start = storage.lowerBound + offset * type.width
    self.strides = count == 0 || Self.areContiguous(shape, strides) ? nil : strides
  }

  /// Nil where an extent is negative or the product overflows.
  private static func product(_ shape: [Int]) -> Int? {
    var product = 1
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      product = next
    }
    return product
  }

  /// The place of the last element, counted from the first; nil where a stride is negative or the place overflows.
  private static func last(_ shape: [Int], _ strides: [Int]) -> Int? {
    var last = 0
    for (extent, stride) in zip(shape, strides) {
      let (distance, isHuge) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
      let (next, overflow) = last.addingReportingOverflow(distance)
      guard stride >= 0, !isHuge, !overflow else { return nil }
      last = next
    }
    return last
  }

  private static func areContiguous(_ shape: [Int], _ strides: [Int]) -> Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }
}
