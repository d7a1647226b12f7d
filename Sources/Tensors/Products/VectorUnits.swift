#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The vectors of a processor that portable products are computed with. All give the same bits.
package enum VectorUnits: Int32, Sendable, CaseIterable {
  /// No vectors.
  case plain = 0
  case neon = 1
  /// AVX2 and FMA.
  case avx2 = 2
  case avx512 = 3
  /// AVX-512 that multiplies bfloat16.
  case avx512Brain16 = 4

  /// The variable that restricts them: `avx512`, `avx2` or `none`.
  package static let variable = "LOCKSTEP_VECTORS"

  /// The best of this processor that the environment allows.
  package static let here = best(allowed: getenv(variable).map { String(cString: $0) })

  /// Those of this processor.
  package static var available: [VectorUnits] { allCases.filter(PortableProduct.has) }

  /// - Parameter limit: the value of the variable; any other than `avx2` and `none` allows all.
  package static func best(allowed limit: String?) -> VectorUnits {
    let widest: VectorUnits =
      switch limit {
      case "none": .plain
      case "avx2": .avx2
      default: .avx512Brain16
      }
    return available.last { $0.rawValue <= widest.rawValue } ?? .plain
  }
}
