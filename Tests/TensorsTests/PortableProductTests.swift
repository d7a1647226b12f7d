import Tensors
import Testing

/// Portable products against naive loops, bit for bit.
@Suite struct PortableProductTests {
  typealias Element = MatrixOperand.Element

  /// A product of random extents, strides and transposes.
  private struct Item {
    let (rows, columns, inner): (Int, Int, Int)
    let (leftStride, rightStride, stride): (Int, Int, Int)
    let (isLeftTransposed, isRightTransposed, accumulates, hasBias): (Bool, Bool, Bool, Bool)

    init(_ index: Int, _ random: inout SystemNumbers) {
      let isLarge = index.isMultiple(of: 5)
      rows = 1 + random.below(isLarge ? 70 : 33)
      columns = 1 + random.below(isLarge ? 500 : 90)
      // Beyond a block of the depth, of which there are as many as 384 fit.
      inner = index.isMultiple(of: 7) ? 384 * (1 + random.below(3)) : random.below(isLarge ? 1300 : 70)
      (isLeftTransposed, isRightTransposed) = (random.below(2) == 0, random.below(2) == 0)
      (accumulates, hasBias) = (random.below(2) == 0, random.below(4) == 0)
      leftStride = max(1, (isLeftTransposed ? rows : inner) + random.below(5))
      rightStride = max(1, (isRightTransposed ? inner : columns) + random.below(5))
      stride = columns + random.below(9)
    }

    var leftCount: Int { (isLeftTransposed ? inner : rows) * leftStride }
    var rightCount: Int { (isRightTransposed ? columns : inner) * rightStride }
    func left(_ row: Int, _ term: Int) -> Int { isLeftTransposed ? term * leftStride + row : row * leftStride + term }
    func right(_ term: Int, _ column: Int) -> Int {
      isRightTransposed ? column * rightStride + term : term * rightStride + column
    }
  }

  /// Xorshift: the same numbers everywhere.
  private struct SystemNumbers {
    var state: UInt64 = 88_172_645_463_325_252

    mutating func next() -> UInt32 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt32(truncatingIfNeeded: state >> 16)
    }

    mutating func below(_ limit: Int) -> Int { Int(next()) % limit }

    /// Ordinary numbers; any bits; small ones, denormals among them; zeros and infinities among others.
    mutating func float(_ kind: Int) -> Float {
      let bits = next()
      switch kind {
      case 0: return Float(bits) / 4_294_967_296 - 0.5
      case 1: return Float(bitPattern: bits)
      case 2: return Float(bitPattern: bits & 0x807F_FFFF | UInt32(below(70)) << 23)
      case 3: return Float(bitPattern: bits & 0x807F_FFFF | UInt32(60 + below(8)) << 23)
      default:
        let place = below(480)
        if place < 80 { return place < 40 ? 0 : -0.0 }
        if place < 84 { return place < 82 ? .infinity : -.infinity }
        return Float(bitPattern: bits & 0x807F_FFFF | UInt32(100 + below(60)) << 23)
      }
    }
  }

  private static func isSame(_ a: Float, _ b: Float) -> Bool { a.bitPattern == b.bitPattern || a.isNaN && b.isNaN }

  /// A bfloat16 number, denormals as zeros.
  private static func widened(_ x: UInt16) -> Float {
    let wide = Float(bitPattern: UInt32(x) << 16)
    return wide.isSubnormal ? (wide.sign == .minus ? -0.0 : 0) : wide
  }

  /// a · b + c as VDPBF16PS rounds it: what is tiny after rounding to 24 bits is zero.
  private static func flushing(_ a: Float, _ b: Float, _ c: Float) -> Float {
    let read = c.isSubnormal ? (c.sign == .minus ? -0.0 : 0) : c
    let result = read.addingProduct(a, b)
    guard abs(result) <= .leastNormalMagnitude else { return result }
    let sign: Double = result.sign == .minus ? -1 : 1
    let beyond = (sign * Double(read) - 0x1p-126) + sign * (Double(a) * Double(b))
    let isTiny = abs(result) < .leastNormalMagnitude || beyond < -0x1p-151
    return isTiny ? (result.sign == .minus ? -0.0 : 0) : result
  }

  @Test("Float32: chains of fused multiply-adds", arguments: VectorUnits.available)
  func chains(units: VectorUnits) {
    check(units, .float32, values: { $0.float($1) }) { item, a, b, start, row, column in
      (0..<item.inner).reduce(start) { $0.addingProduct(a[item.left(row, $1)], b[item.right($1, column)]) }
    }
  }

  @Test("bfloat16: pairs of terms as VDPBF16PS multiplies them", arguments: VectorUnits.available)
  func pairs(units: VectorUnits) {
    check(units, .brain16, values: { UInt16($0.float($1).bitPattern >> 16) }) { item, a, b, start, row, column in
      func term(_ k: Int, _ sum: Float) -> Float {
        guard k < item.inner else { return Self.flushing(0, 0, sum) }
        return Self.flushing(Self.widened(a[item.left(row, k)]), Self.widened(b[item.right(k, column)]), sum)
      }
      return stride(from: 0, to: item.inner, by: 2).reduce(start) { term($1, term($1 + 1, $0)) }
    }
  }

  @Test("bfloat16 numbers that are tiny only before they are rounded", arguments: VectorUnits.available)
  func borders(units: VectorUnits) {
    var random = SystemNumbers()
    let product = PortableProduct(units: units)
    for _ in 0..<500 {
      func small() -> UInt16 {
        UInt16(51 + random.below(3)) << 7 | UInt16(random.below(128)) | UInt16(random.below(2)) << 15
      }
      let a = [small(), 0]
      let b = (0..<32).map { _ in small() } + [UInt16](repeating: 0, count: 32)
      let start = (0..<32).map { _ in
        Float(bitPattern: 0x80_0000 + UInt32(max(0, random.below(6) - 3)) | random.next() & 0x8000_0000)
      }
      var result = start
      product.run(
        MatrixOperand(a, stride: 2, element: .brain16), MatrixOperand(b, stride: 32, element: .brain16), rows: 1,
        columns: 32, inner: 2, into: &result, stride: 32, accumulates: true)
      for column in 0..<32 {
        let first = Self.flushing(0, 0, start[column])
        let expected = Self.flushing(Self.widened(a[0]), Self.widened(b[column]), first)
        #expect(result[column].bitPattern == expected.bitPattern)
      }
    }
  }

  private func check<Number>(
    _ units: VectorUnits, _ element: Element, values: (inout SystemNumbers, Int) -> Number,
    chain: (_ item: Item, _ a: [Number], _ b: [Number], _ start: Float, _ row: Int, _ column: Int) -> Float
  ) {
    var random = SystemNumbers()
    let product = PortableProduct(units: units)
    for index in 0..<60 {
      let item = Item(index, &random)
      let kind = index % 5
      let a = (0..<item.leftCount + 1).map { _ in values(&random, kind) }
      let b = (0..<item.rightCount + 1).map { _ in values(&random, kind) }
      let start = (0..<item.rows * item.stride).map { _ in random.float(kind) }
      let bias = (0..<item.columns).map { _ in random.float(0) }
      var expected = start
      for row in 0..<item.rows {
        for column in 0..<item.columns {
          let place = row * item.stride + column
          let sum = chain(item, a, b, item.accumulates ? start[place] : 0, row, column)
          expected[place] = item.hasBias ? sum + bias[column] : sum
        }
      }
      for isPacked in [false, true] {
        let result = run(product, units, item, element, a, b, start, bias, isPacked: isPacked)
        let isRight = zip(result, expected).allSatisfy(Self.isSame)
        #expect(isRight, "product \(index), \(isPacked ? "packed" : "not packed"): \(item)")
      }
    }
  }

  private func run<Number>(
    _ product: PortableProduct, _ units: VectorUnits, _ item: Item, _ element: Element, _ a: [Number], _ b: [Number],
    _ start: [Float], _ bias: [Float], isPacked: Bool
  ) -> [Float] {
    var (result, bias) = (start, bias)
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        guard let left = a.baseAddress, let right = b.baseAddress else { return }
        let leftOperand = MatrixOperand(
          left, stride: item.leftStride, transposed: item.isLeftTransposed, element: element)
        let rightOperand = MatrixOperand(
          right, stride: item.rightStride, transposed: item.isRightTransposed, element: element)
        var packed = [Float](
          repeating: .nan,
          count: 1 + PortableProduct.packedCount(rightOperand, columns: item.columns, inner: item.inner, units: units))
        let cut = item.columns / 2 / PortableProduct.columnUnit * PortableProduct.columnUnit
        packed.withUnsafeMutableBufferPointer { packed in
          guard let room = packed.baseAddress else { return }
          for panel in [0..<cut, cut..<item.columns] where isPacked {
            PortableProduct.pack(
              rightOperand, columns: item.columns, inner: item.inner, panel: panel, into: room, units: units)
          }
          bias.withUnsafeMutableBufferPointer { bias in
            product.run(
              leftOperand, rightOperand, packed: isPacked ? room : nil, rows: item.rows, columns: item.columns,
              inner: item.inner, into: &result, stride: item.stride, accumulates: item.accumulates,
              bias: item.hasBias ? bias.baseAddress : nil)
          }
        }
      }
    }
    return result
  }
}
