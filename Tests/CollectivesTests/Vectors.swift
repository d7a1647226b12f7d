import Collectives

/// A reproducible vector that differs from rank to rank, with values whose sum depends on the order of addition.
func vector(rank: Int, count: Int) -> [Float] {
  var state = UInt64(rank + 1) &* 0x9e37_79b9_7f4a_7c15
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(1 << 20)
  }
}

/// Small segments and whole sums only up to a few bytes, so that short vectors reach the paths of many segments.
func tinySettings(segmentBytes: Int = 64, exchangeLimit: Int = 0) -> Settings {
  var settings = Settings()
  settings.segmentBytes = segmentBytes
  settings.exchangeLimit = exchangeLimit
  return settings
}
