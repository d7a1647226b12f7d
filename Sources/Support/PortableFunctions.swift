/// Elementary functions in double precision whose bits are the same everywhere: they add, multiply and divide in one order,
/// and the C library's differ in their last bits from system to system.
///
/// Results are within about one unit in the last place; powers of exponents y up to y / 50 units.
package enum PortableFunctions {
  // ln 2 in two parts, the first with 21 zeros at its end: its product with an exponent is exact.
  private static let (ln2High, ln2Low) = (6.93147180369123816490e-01, 1.90821492927058770002e-10)

  /// eˣ: x = n ln 2 + r with |r| ≤ ln 2 / 2, and Taylor's series of r.
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.79 { return .infinity }
    if x < -745.2 { return 0 }
    let n = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    let r = (x - n * ln2High) - n * ln2Low
    var p = 1.0 / 6_227_020_800
    p = p * r + 1.0 / 479_001_600
    p = p * r + 1.0 / 39_916_800
    p = p * r + 1.0 / 3_628_800
    p = p * r + 1.0 / 362_880
    p = p * r + 1.0 / 40_320
    p = p * r + 1.0 / 5040
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    return scaled(1 + (r + r * r * p), by: Int(n))
  }

  /// x · 2ⁿ, in two steps where the result is below the normal numbers.
  private static func scaled(_ x: Double, by n: Int) -> Double {
    func power(_ n: Int) -> Double { Double(bitPattern: UInt64(n + 1023) << 52) }
    if n > 1023 { return x * 2 * power(n - 1) }
    return n < -1021 ? x * power(n + 200) * power(-200) : x * power(n)
  }

  /// ln x = e ln 2 + ln m with m between √½ and √2: the series of 2 artanh s at s = (m - 1) / (m + 1), the first term in
  /// twice the digits.
  private static func logarithm(_ x: Double) -> (high: Double, low: Double) {
    let isSmall = x < .leastNormalMagnitude
    let bits = (isSmall ? x * 0x1p54 : x).bitPattern &+ (0x3FF0_0000_0000_0000 - 0x3FE6_A09E_667F_3BCD)
    let e = Double(Int(bits >> 52) - 1023 - (isSmall ? 54 : 0))
    let m = Double(bitPattern: (bits & 0xF_FFFF_FFFF_FFFF) &+ 0x3FE6_A09E_667F_3BCD)
    let (above, below) = (m - 1, m + 1)
    // What is lost of m + 1; m - 1 is exact.
    let lost = m - (below - 1)
    let s = above / below
    let rest = (above.addingProduct(-s, below) - s * lost) / below
    let z = s * s
    var p = 1.0 / 23
    p = p * z + 1.0 / 21
    p = p * z + 1.0 / 19
    p = p * z + 1.0 / 17
    p = p * z + 1.0 / 15
    p = p * z + 1.0 / 13
    p = p * z + 1.0 / 11
    p = p * z + 1.0 / 9
    p = p * z + 1.0 / 7
    p = p * z + 1.0 / 5
    p = p * z + 1.0 / 3
    let tail = 2 * s * z * p
    let first = e * ln2High
    let sum = first + 2 * s
    let error = first == 0 ? 0 : (first - sum) + 2 * s
    let low = error + (2 * rest + (e * ln2Low + tail))
    let high = sum + low
    return (high, (sum - high) + low)
  }

  package static func log(_ x: Double) -> Double {
    if x.isNaN || x == .infinity { return x }
    if x <= 0 { return x == 0 ? -.infinity : .nan }
    return logarithm(x).high
  }

  /// ln(1 + x), the rounding of the sum being made good.
  package static func log1p(_ x: Double) -> Double {
    let sum = 1 + x
    guard sum.isFinite, sum > 0, sum != 1 else { return sum == 1 ? x : log(sum) }
    return log(sum) + (x - (sum - 1)) / sum
  }

  /// xʸ for x ≥ 0; of negative x for whole y alone.
  package static func pow(_ x: Double, _ y: Double) -> Double {
    if y == 0 || x == 1 { return 1 }
    if x.isNaN || y.isNaN { return .nan }
    if x < 0 {
      guard y.rounded() == y else { return .nan }
      let power = pow(-x, y)
      return y.truncatingRemainder(dividingBy: 2) == 0 ? power : -power
    }
    if x == 0 || x == .infinity { return (x == 0) == (y > 0) ? 0 : .infinity }
    if y.isInfinite { return (x < 1) == (y > 0) ? 0 : .infinity }
    let (high, low) = logarithm(x)
    let product = high * y
    guard abs(product) < 750 else { return product > 0 ? .infinity : 0 }
    let error = (-product).addingProduct(high, y) + low * y
    let value = exp(product)
    return value.isFinite ? value.addingProduct(value, error) : value
  }

  // MARK: Circular functions

  package static func sin(_ x: Double) -> Double {
    let (quarter, r, low) = reduced(x)
    let value = quarter & 1 == 0 ? sineSeries(r, low) : cosineSeries(r, low)
    return quarter & 2 == 0 ? value : -value
  }

  package static func cos(_ x: Double) -> Double {
    let (quarter, r, low) = reduced(x)
    let value = quarter & 1 == 0 ? cosineSeries(r, low) : sineSeries(r, low)
    return (quarter + 1) & 2 == 0 ? value : -value
  }

  /// x less quarter turns, with π / 2 in three parts: enough for |x| up to a billion.
  private static func reduced(_ x: Double) -> (quarter: Int, high: Double, low: Double) {
    guard abs(x) < 1e9 else { return (0, .nan, 0) }
    let n = (x * 0.6366197723675814).rounded(.toNearestOrEven)
    let first = x.addingProduct(-n, 1.5707963267948966)
    let second = n * 6.123233995736766e-17
    let secondError = (-second).addingProduct(n, 6.123233995736766e-17)
    let high = first - second
    let low = ((first - high) - second) - secondError - n * -1.4973849048591833e-33
    return (Int(n), high + low, (high - (high + low)) + low)
  }

  private static func sineSeries(_ r: Double, _ low: Double) -> Double {
    let z = r * r
    var p = 1.0 / 355_687_428_096_000
    p = p * z - 1.0 / 1_307_674_368_000
    p = p * z + 1.0 / 6_227_020_800
    p = p * z - 1.0 / 39_916_800
    p = p * z + 1.0 / 362_880
    p = p * z - 1.0 / 5040
    p = p * z + 1.0 / 120
    p = p * z - 1.0 / 6
    return r + (low - 0.5 * z * low + r * z * p)
  }

  private static func cosineSeries(_ r: Double, _ low: Double) -> Double {
    let z = r * r
    var p = 1.0 / 20_922_789_888_000
    p = p * z - 1.0 / 87_178_291_200
    p = p * z + 1.0 / 479_001_600
    p = p * z - 1.0 / 3_628_800
    p = p * z + 1.0 / 40_320
    p = p * z - 1.0 / 720
    p = p * z + 1.0 / 24
    let half = 0.5 * z
    let most = 1 - half
    return most + ((1 - most) - half + (z * z * p - r * low))
  }
}
