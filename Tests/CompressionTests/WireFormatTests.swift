import Compression
import Testing

/// The codes by their definition, one number after the other.
enum Definition {
  static func encode(_ values: [Float], _ format: WireFormat) -> [Float] {
    switch format {
    case .bf16: values.map(bf16)
    case .int8:
      stride(from: 0, to: values.count, by: 256).flatMap { start in
        int8(Array(values[start..<min(start + 256, values.count)]))
      }
    }
  }

  /// Of the two numbers with eight bits of precision beside a value the nearer one, of equals the even one.
  private static func bf16(_ value: Float) -> Float {
    guard value.isFinite else { return value }
    let below = Float(bitPattern: value.bitPattern & 0xFFFF_0000)
    let above = Float(bitPattern: below.bitPattern &+ 0x1_0000)
    let (down, up) = (abs(Double(value) - Double(below)), abs(Double(above) - Double(value)))
    if down == up { return below.bitPattern & 0x1_0000 == 0 ? below : above }
    return down < up ? below : above
  }

  private static func int8(_ block: [Float]) -> [Float] {
    guard block.allSatisfy(\.isFinite) else { return block.map { _ in .nan } }
    let largest = block.map(abs).max() ?? 0
    guard largest >= 1e-30 else { return block.map { _ in 0 } }
    return block.map { ($0 * (127 / largest)).rounded(.toNearestOrEven) * (largest / 127) }
  }
}

@Suite("What numbers are sent as")
struct WireFormatTests {
  @Test(
    "a code stands for the numbers of its definition, and the residual is what it does not tell",
    arguments: WireFormat.allCases, [0, 1, 15, 255, 256, 257, 1000])
  func definition(format: WireFormat, count: Int) {
    var values = Numbers.vector(count: count, seed: 1)
    // A block of its own size, ties, and numbers that vanish beside it.
    if count > 256 { for index in 256..<count { values[index] *= 1e-12 } }
    if count > 20 { (values[3], values[4], values[5]) = (0, -0.0, 1.00390625) }
    var residual = Numbers.vector(count: count, seed: 2).map { $0 / 1000 }
    let whole = zip(values, residual).map { $0 + $1 }
    let expected = Definition.encode(whole, format)
    let told = Self.roundTrip(values, residual: &residual, format)
    #expect(zip(told, expected).allSatisfy { $0 == $1 })
    #expect(zip(zip(whole, expected), residual).allSatisfy { $0.0 - $0.1 == $1 })
  }

  @Test(
    "a block that is not finite comes out as not finite, and the others as they are", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) {
    var values = Numbers.vector(count: 600, seed: 3)
    values[300] = value
    var residual = [Float](repeating: 0, count: 600)
    let told = Self.roundTrip(values, residual: &residual, .int8)
    #expect(told.indices.filter { told[$0].isNaN } == Array(256..<512))
    var other = [Float](repeating: 0, count: 600)
    let halves = Self.roundTrip(values, residual: &other, .bf16)
    #expect(halves.indices.filter { !halves[$0].isFinite } == [300])
  }

  @Test("bf16 takes half of the bytes of floats, int8 a quarter and a scale for each 256")
  func bytes() {
    #expect(WireFormat.bf16.bytes(1024) == 2048 && WireFormat.bf16.bytes(3) == 8)
    #expect(WireFormat.int8.bytes(1024) == 1024 + 4 * 4 && WireFormat.int8.bytes(257) == 260 + 8)
  }

  private static func roundTrip(_ values: [Float], residual: inout [Float], _ format: WireFormat) -> [Float] {
    let code = UnsafeMutableRawPointer.allocate(byteCount: format.bytes(values.count) + 4, alignment: 64)
    defer { code.deallocate() }
    residual.withUnsafeMutableBufferPointer {
      guard let base = $0.baseAddress else { return }
      format.encode(values, residual: base, count: values.count, into: code)
    }
    var told = [Float](repeating: 7, count: values.count + 1)
    format.decode(code, count: values.count, into: &told)
    #expect(told[values.count] == 7, "written behind the vector")
    var twice = told
    format.add(code, count: values.count, to: &twice)
    #expect(zip(twice, told).dropLast().allSatisfy { $0 == $1 + $1 || $1.isNaN })
    return told.dropLast()
  }
}

/// Reproducible vectors.
enum Numbers {
  static func vector(count: Int, seed: UInt64) -> [Float] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(1 << 24)
    }
  }
}
