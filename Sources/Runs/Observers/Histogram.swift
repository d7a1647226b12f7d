/// How the values of a tensor are spread: counts in buckets an eighth of an octave wide, on both sides of zero.
public struct Histogram: Sendable, Equatable {
  /// Values in `lower ..< upper`, the other way round below zero.
  public struct Part: Sendable, Equatable {
    public let lower: Double
    public let upper: Double
    public let count: Int
  }

  /// Finite values; infinities and NaN are left out of everything.
  public private(set) var count = 0
  public private(set) var minimum = Double.infinity
  public private(set) var maximum = -Double.infinity
  public private(set) var sum = 0.0
  public private(set) var sumOfSquares = 0.0
  /// Buckets that are not empty, in ascending order.
  public let parts: [Part]

  /// Sign, exponent and the first three bits of the mantissa.
  private static let bucketShift = 20

  /// - Parameter factor: what values are multiplied by before they are counted.
  public init(_ values: UnsafeMutableBufferPointer<Float>, factor: Float = 1) {
    var counts = [Int](repeating: 0, count: 1 << (32 - Self.bucketShift))
    for value in values {
      let value = value * factor
      guard value.isFinite else { continue }
      counts[Int(value.bitPattern >> Self.bucketShift)] += 1
      let wide = Double(value)
      count += 1
      sum += wide
      sumOfSquares += wide * wide
      minimum = min(minimum, wide)
      maximum = max(maximum, wide)
    }
    let half = counts.count / 2
    let order = Array((half..<counts.count).reversed()) + Array(0..<half)
    parts = order.filter { counts[$0] > 0 }.map { Self.part($0, count: counts[$0]) }
  }

  private static func part(_ bucket: Int, count: Int) -> Part {
    let near = Double(Float(bitPattern: UInt32(bucket) << bucketShift))
    let next = Double(Float(bitPattern: UInt32(bucket + 1) << bucketShift))
    // The last bucket ends where a Float32 would be infinite.
    let far = next.isFinite ? next : (near < 0 ? -0x1p128 : 0x1p128)
    return Part(lower: min(near, far), upper: max(near, far), count: count)
  }
}
