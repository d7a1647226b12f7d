import Tensors

/// A 64-bit hash of the bits of weights, to see whether two replicas are the same. It does not protect against forgery.
///
/// The range is cut into blocks of 262,144 elements (1 MiB), each is hashed for itself (`hash.c` states how), and the
/// block hashes, as little-endian words, are hashed in order. The result depends on nothing but the bits, so it may be
/// compared between machines, thread counts and versions. Cost: one pass that reads the arena.
public enum WeightHash {
  package static let blockCount = 1 << 18

  /// - Parameter range: in elements of the arena; all of it by default.
  public static func hash(
    _ arena: Arena, range: Range<Int>? = nil, workers: Workers = Workers(count: 1)
  ) -> UInt64 {
    hash(blockHashes(of: arena, range: range ?? arena.range, workers: workers))
  }

  /// The hashes of the blocks that a range is cut into.
  package static func blockHashes(of arena: Arena, range: Range<Int>, workers: Workers) -> [UInt64] {
    let values = arena.pointer(to: range)
    let blocks = (range.count + blockCount - 1) / blockCount
    return [UInt64](unsafeUninitializedCapacity: blocks) { hashes, count in
      // Threads write different elements.
      nonisolated(unsafe) let hashes = hashes
      workers.run(pieces: blocks) { block in
        let start = block * blockCount
        let length = min(blockCount, range.count - start)
        hashes.initializeElement(at: block, to: hash(UnsafeBufferPointer(start: values + start, count: length)))
      }
      count = blocks
    }
  }

  /// The hash of the values of one block.
  package static func hash(_ block: UnsafeBufferPointer<Float>) -> UInt64 {
    OptimizerKernels.hash(UnsafeRawBufferPointer(block))
  }

  /// The hash of a list of words by the same function.
  public static func hash(_ words: [UInt64]) -> UInt64 {
    words.map(\.littleEndian).withUnsafeBytes { OptimizerKernels.hash($0) }
  }
}
