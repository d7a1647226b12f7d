/// What a backward pass reads of a tensor's values: the memory that holds them, or how to make them again.
///
/// Between the two passes results are most of what a model needs in memory. Where an operation can make its result again
/// bit by bit from what it keeps anyway, as norms and activations can for a thousandth of a step, who wants that result in
/// the backward pass remembers only how.
package struct RememberedValues {
  private enum Source {
    case memory(Buffer)
    case recipe((_ values: UnsafeMutablePointer<Float>) -> Void)
  }

  private let source: Source
  private let count: Int
  private let pool: BufferPool

  private init(_ source: Source, count: Int, pool: BufferPool) {
    self.source = source
    self.count = count
    self.pool = pool
  }

  static func kept(_ buffer: Buffer, count: Int, pool: BufferPool) -> RememberedValues {
    RememberedValues(.memory(buffer), count: count, pool: pool)
  }

  /// - Parameter make: fills memory with the values; it must not hold the tensor that it makes again.
  static func remade(
    count: Int, pool: BufferPool, by make: @escaping (_ values: UnsafeMutablePointer<Float>) -> Void
  ) -> RememberedValues {
    RememberedValues(.recipe(make), count: count, pool: pool)
  }

  /// The values as they were in the forward pass: to be read, not written.
  package func recall() -> Buffer {
    switch source {
    case .memory(let buffer): return buffer
    case .recipe(let make):
      let buffer = pool.take(count)
      make(buffer.pointer)
      return buffer
    }
  }
}
