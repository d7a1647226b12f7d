/// A dense, row-major block of Float32 values: an input, an intermediate value or a result of one pass.
///
/// Tensors belong to one rank's training thread. The gradient of a tensor comes into being when a consumer's backward pass
/// first adds to it.
public final class Tensor {
  public let shape: Shape
  public let pointer: UnsafeMutablePointer<Float>

  /// False for inputs such as images, whose gradient nobody asks for.
  public let needsGradient: Bool

  private let buffer: Buffer
  private let pool: BufferPool
  private var gradientBuffer: Buffer?

  package init(_ shape: Shape, pool: BufferPool, needsGradient: Bool) {
    self.shape = shape
    self.needsGradient = needsGradient
    self.pool = pool
    buffer = pool.take(shape.count)
    pointer = buffer.pointer
  }

  public var count: Int { shape.count }
  public var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }

  /// The gradient so far, or nil where no consumer has contributed.
  public var gradient: UnsafeMutableBufferPointer<Float>? {
    gradientBuffer.map { UnsafeMutableBufferPointer(start: $0.pointer, count: count) }
  }

  /// Where a consumer puts its share of the gradient, and whether it must add to what is there or overwrite it: the first
  /// consumer overwrites, so that no gradient is ever cleared.
  package func gradientSlot() -> GradientSlot {
    if let gradientBuffer { return GradientSlot(pointer: gradientBuffer.pointer, accumulates: true) }
    let fresh = pool.take(count)
    gradientBuffer = fresh
    return GradientSlot(pointer: fresh.pointer, accumulates: false)
  }

  /// Gives the gradient's memory back once the producer's backward pass has used it.
  package func releaseGradient() { gradientBuffer = nil }
}

/// Memory for a share of a gradient: overwrite it, or add to it.
package struct GradientSlot {
  package let pointer: UnsafeMutablePointer<Float>
  package let accumulates: Bool

  /// The factor of what is already there, as matrix products want it.
  package var beta: Float { accumulates ? 1 : 0 }
}
