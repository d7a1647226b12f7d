import Checkpoints
import Models

/// The mean of one tensor over several files, in memory that is the owner's to free.
struct TensorMean {
  let type: ElementType
  let bytes: UnsafeMutableRawBufferPointer

  /// Sums in Float64, in the order of the files.
  ///
  /// The mean has the element type of the files, or F32 where they differ. A mean of two halves lies between two halves, so F16
  /// and BF16 become F32, too, unless they are kept.
  ///
  /// - Parameter orders: for each file the row that becomes each row of the mean, of as many rows; nil where the order stays.
  /// - Throws: `EnsembleError` where an element is not finite, or integers differ.
  init(of entry: PretrainedWeights.Entry, in files: [PretrainedWeights], orders: [[Int]?], keepsHalves: Bool) throws {
    let types = Set(files.compactMap { $0[entry.name]?.type })
    let isKept = types.count == 1 && (keepsHalves || entry.type.width > 2)
    let result = isKept ? entry.type : .float32
    guard types.isSubset(of: Self.floats) else {
      self = try TensorMean(copying: entry, equalIn: files, types: types)
      return
    }
    var sums = [Double](repeating: 0, count: entry.count)
    for (file, order) in zip(files, orders) { try Self.add(entry, of: file, order: order, to: &sums, share: 1) }
    if sums.contains(where: { !$0.isFinite }) {
      // Finite values near the end of Float64's range: their shares can be added where they cannot.
      sums = [Double](repeating: 0, count: entry.count)
      for (file, order) in zip(files, orders) {
        try Self.add(entry, of: file, order: order, to: &sums, share: 1 / Double(files.count))
      }
      self.init(sums, result)
      return
    }
    for index in sums.indices { sums[index] /= Double(files.count) }
    self.init(sums, result)
  }

  func free() { bytes.deallocate() }

  private static let floats: Set<ElementType> = [.float16, .bfloat16, .float32, .float64]

  private init(type: ElementType, count: Int) {
    self.type = type
    bytes = .allocate(byteCount: type.width * count, alignment: 64)
  }

  /// Integers, and bytes of any other type: nothing lies between two of them.
  private init(copying entry: PretrainedWeights.Entry, equalIn files: [PretrainedWeights], types: Set<ElementType>)
    throws
  {
    self.init(type: entry.type, count: entry.count)
    let copy = bytes
    try copy.copyBytes(from: files[0].bytes(of: entry.name))
    for file in files.dropFirst() {
      let type = file[entry.name]?.type ?? entry.type
      let isEqual = try type == entry.type && file.bytes(of: entry.name).elementsEqual(copy)
      guard !isEqual else { continue }
      copy.deallocate()
      let kinds = type == entry.type ? "\(type.rawValue)" : "\(type.rawValue) and \(entry.type.rawValue)"
      throw EnsembleError(
        file.path, nil, "has other values of \(entry.name) than \(files[0].path), and of \(kinds) there is no mean",
        "average models whose tensors of this kind are equal")
    }
  }

  private init(_ values: [Double], _ type: ElementType) {
    self.init(type: type, count: values.count)
    switch type {
    case .float16: store(values) { Float16($0).bitPattern.littleEndian }
    case .bfloat16: store(values) { Self.brainFloat($0).littleEndian }
    case .float64: store(values) { $0.bitPattern.littleEndian }
    default: store(values) { Float($0).bitPattern.littleEndian }
    }
  }

  private func store<Word>(_ values: [Double], _ word: (Double) -> Word) {
    let words = bytes.bindMemory(to: Word.self)
    for index in values.indices { words.initializeElement(at: index, to: word(values[index])) }
  }

  private static func add(
    _ entry: PretrainedWeights.Entry, of file: PretrainedWeights, order: [Int]?, to sums: inout [Double], share: Double
  ) throws {
    let width = order.map { entry.count / max(1, $0.count) } ?? entry.count
    func add<Value: BinaryFloatingPoint>(_ values: [Value]) throws {
      for row in 0..<(order?.count ?? 1) {
        let (target, source) = (row * width, (order?[row] ?? 0) * width)
        for column in 0..<width {
          let value = Double(values[source + column])
          guard value.isFinite else { throw notFinite(value, entry, file) }
          sums[target + column] += value * share
        }
      }
    }
    try file[entry.name]?.type == .float64 ? add(file.doubles(entry.name)) : add(file.floats(entry.name))
  }

  private static func notFinite(_ value: Double, _ entry: PretrainedWeights.Entry, _ file: PretrainedWeights)
    -> EnsembleError
  {
    EnsembleError(
      file.path, nil,
      "holds a weight of \(entry.name) that is \(value.isNaN ? "not a number" : "infinite")",
      "leave this model out, or take one from before its weights ran away")
  }

  /// The nearest bfloat16, the even one of two. By way of Float32 a value could be rounded twice, so that step rounds to odd.
  static func brainFloat(_ value: Double) -> UInt16 {
    var single = Float(value)
    if single.isFinite, Double(single) != value {
      if Double(single.magnitude) > value.magnitude { single = Float(bitPattern: single.bitPattern - 1) }
      single = Float(bitPattern: single.bitPattern | 1)
    }
    let bits = single.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }
}
