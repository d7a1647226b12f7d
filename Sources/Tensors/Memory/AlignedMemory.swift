#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory aligned to a cache line, which is also the widest vector register.
package enum AlignedMemory {
  package static let alignment = 64

  /// Large blocks are aligned to this so that the kernel can back them with huge pages.
  private static let hugePage = 2 << 20

  /// `count` floats with undefined contents. Running out of memory ends the program with a line that says so.
  package static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let isLarge = bytes >= 4 * hugePage
    var raw: UnsafeMutableRawPointer?
    let status = posix_memalign(&raw, isLarge ? hugePage : alignment, bytes)
    guard status == 0, let raw else { Shortage.ofMemory(bytes, for: "values of a step") }
    #if os(Linux)
      if isLarge { _ = madvise(raw, bytes, Int32(MADV_HUGEPAGE)) }
    #endif
    return raw.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  package static func release(_ pointer: UnsafeMutablePointer<Float>) { free(pointer) }
}
