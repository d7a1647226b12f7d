/// What a backward pass reads of a tensor's values: the memory that holds them, or how to make them again.
///
/// Between the two passes results are most of what a model needs in memory. Where an operation can make its result again
/// bit by bit from what it keeps anyway, as norms and activations can for a thousandth of a step, who wants that result in
/// the backward pass remembers only how.
package enum RememberedValues {
  case kept(Buffer)
  /// `make` fills memory with the values; it must not hold the tensor that it makes again.
  case remade(count: Int, pool: BufferPool, make: (_ values: UnsafeMutablePointer<Float>) -> Void)

  /// The values as they were in the forward pass: to be read, not written.
  package func recall() -> Buffer {
    switch self {
    case .kept(let buffer): return buffer
    case .remade(let count, let pool, let make):
      let buffer = pool.take(count)
      make(buffer.pointer)
      return buffer
    }
  }
}
