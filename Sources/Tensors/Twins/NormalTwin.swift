#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension RandomStream {
  /// What `fillNormal` gives, by the formulas of Box and Muller.
  package func normalTwin(count: Int) -> [Double] {
    (0..<count).map { index in
      let words = words(block: UInt64(index / 4))
      let pair = index % 4 / 2 * 2
      let radius = (-2 * log((Double(words[pair]) + 0.5) * 0x1p-32)).squareRoot()
      let angle = 2 * Double.pi * (Double(words[pair + 1]) + 0.5) * 0x1p-32
      return radius * (index % 2 == 0 ? cos(angle) : sin(angle))
    }
  }
}
