#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// The C library under names that read like the formulas, so that one file alone chooses the library.

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

func cosine(_ angle: Double) -> Double { cos(angle) }
