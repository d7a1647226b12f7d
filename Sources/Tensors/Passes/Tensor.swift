/// A dense, row-major block of Float32 values: an input, an intermediate value or a result of one pass.
///
/// Tensors belong to one rank's training thread. The gradient of a tensor comes into being when a consumer's backward pass
/// first adds to it.
public final class Tensor {
  public let shape: Shape
  public let pointer: UnsafeMutablePointer<Float>

  /// False for inputs such as images, whose gradient nobody asks for.
  public let needsGradient: Bool

  /// Kept apart from the values, so that the tape can hold on to a gradient while the values' memory is used again.
  package let gradientCell: GradientCell

  /// For a backward pass to hold on to instead of the tensor.
  package private(set) var remembered: RememberedValues

  /// The values rounded for products: left by the first product that reads them to those that follow in the forward pass.
  var roundedCopy: Buffer?
  private let buffer: Buffer

  package init(_ shape: Shape, pool: BufferPool, needsGradient: Bool) {
    self.shape = shape
    self.needsGradient = needsGradient
    buffer = pool.take(shape.count)
    pointer = buffer.pointer
    remembered = RememberedValues(kept: buffer, count: shape.count)
    gradientCell = GradientCell(count: shape.count, pool: pool)
  }

  /// The values of a result that was made without a tape, as one that needs a gradient.
  init(sharing other: Tensor, pool: BufferPool) {
    (shape, buffer, pointer) = (other.shape, other.buffer, other.pointer)
    needsGradient = true
    remembered = RememberedValues(kept: buffer, count: shape.count)
    gradientCell = GradientCell(count: shape.count, pool: pool)
  }

  public var count: Int { shape.count }
  public var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }

  /// The gradient so far, or nil where no consumer has contributed.
  public var gradient: UnsafeMutableBufferPointer<Float>? {
    gradientCell.pointer.map { UnsafeMutableBufferPointer(start: $0, count: count) }
  }

  /// Says how the values are made again, bit by bit, from what is kept for the backward pass anyway: their memory is free
  /// once the forward pass lets go of the tensor.
  func isRemade(by remaking: RememberedValues.Remaking) {
    guard needsGradient else { return }
    remembered = RememberedValues(remaking)
  }

  /// Where the gradient goes, for a backward pass that does not read the values; nil where none is needed.
  package var gradientTarget: GradientCell? { needsGradient ? gradientCell : nil }

  /// Where a consumer puts its share of the gradient, and whether it must add to what is there or overwrite it: the first
  /// consumer overwrites, so that no gradient is ever cleared. Each backward takes it once and fills all of it.
  public func gradientSlot() -> GradientSlot { gradientCell.slot() }

  /// Gives the gradient's memory back once the producer's backward pass has used it.
  package func releaseGradient() { gradientCell.release() }
}

/// The gradient of one tensor, whose memory is taken when the first consumer contributes.
package final class GradientCell {
  private let count: Int
  private let pool: BufferPool
  private var buffer: Buffer?

  fileprivate init(count: Int, pool: BufferPool) {
    self.count = count
    self.pool = pool
  }

  package var pointer: UnsafeMutablePointer<Float>? { buffer?.pointer }

  package func slot() -> GradientSlot {
    if let buffer { return GradientSlot(pointer: buffer.pointer, count: count, accumulates: true) }
    let fresh = pool.take(count)
    buffer = fresh
    return GradientSlot(pointer: fresh.pointer, count: count, accumulates: false)
  }

  package func release() { buffer = nil }

  /// Holds from now on what `other` held.
  func take(over other: GradientCell) {
    require(buffer == nil, "what is computed again has consumers of its own")
    (buffer, other.buffer) = (other.buffer, nil)
  }
}

/// Memory for a share of a gradient: overwrite it, or add to it.
public struct GradientSlot {
  package let pointer: UnsafeMutablePointer<Float>
  package let count: Int
  package let accumulates: Bool

  package init(pointer: UnsafeMutablePointer<Float>, count: Int, accumulates: Bool) {
    self.pointer = pointer
    self.count = count
    self.accumulates = accumulates
  }

  /// Gives each element its share of the gradient: added to what other consumers gave, or written where this is the first.
  public func add(_ share: (_ index: Int) -> Float) {
    if accumulates {
      for index in 0..<count { pointer[index] += share(index) }
    } else {
      for index in 0..<count { pointer[index] = share(index) }
    }
  }

  /// The factor of what is already there, as matrix products want it.
  package var beta: Float { accumulates ? 1 : 0 }
}
