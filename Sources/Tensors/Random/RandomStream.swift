/// What random numbers are drawn for; each purpose has numbers of its own.
public enum RandomPurpose: UInt32, Sendable {
  case initialization = 1
  case shuffle = 2
  case batchOrder = 3
  case dropout = 4
  case perturbation = 5
  case folds = 6
  case split = 7
  case masking = 8
}

/// The random numbers of one use: a pure function of (seed, purpose, step, pass, site, use) and of a
/// coordinate.
///
/// The six are folded into a Philox key by two Philox blocks; a draw's coordinate (row of the global batch, outer, inner)
/// is the counter. No draw depends on the rank, on padding or on the size of the microbatch.
public struct RandomStream: Sendable, Hashable {
  public let key: Philox.Key

  /// - Parameters:
  ///   - step: the committed step, or the epoch for the order of the data.
  ///   - pass: which forward of the step: 0 for the first, 1 for R-Drop's second, and so on.
  ///   - site: which layer of the model.
  ///   - use: how often the pass has used the layer before.
  public init(
    seed: UInt64, purpose: RandomPurpose, step: Int = 0, pass: Int = 0, site: UInt32 = 0, use: UInt32 = 0
  ) {
    let seedKey = Philox.Key(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let step = UInt64(step)
    let first = Philox.block(
      counter: Philox.Block(purpose.rawValue, UInt32(pass), UInt32(truncatingIfNeeded: step), UInt32(step >> 32)),
      key: seedKey)
    let second = Philox.block(counter: Philox.Block(site, first.x, first.y, use), key: Philox.Key(first.z, first.w))
    key = Philox.Key(second.x, second.y)
  }

  /// Four words at a coordinate.
  @inlinable public func words(row: UInt32 = 0, outer: UInt32 = 0, block: UInt64) -> Philox.Block {
    Philox.block(
      counter: Philox.Block(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), outer, row),
      key: key)
  }

  /// A uniform integer in `0 ..< bound` for draw number `index`, without bias (Lemire 2019, rejection by further blocks).
  public func integer(below bound: UInt32, index: UInt64) -> UInt32 {
    require(bound > 0, "no integer lies below 0")
    let rejectionLimit = (0 &- bound) % bound
    var attempt: UInt32 = 0
    while true {
      let block = words(row: attempt, block: index)
      for lane in 0..<4 {
        let product = UInt64(block[lane]) * UInt64(bound)
        if UInt32(truncatingIfNeeded: product) >= rejectionLimit { return UInt32(product >> 32) }
      }
      attempt += 1
    }
  }

  /// A permutation of `0 ..< count` (Fisher and Yates).
  public func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(integer(below: UInt32(last + 1), index: UInt64(last))))
    }
    return order
  }

  /// Fills with uniform values in [0, 1), 24 bits each.
  public func fillUniform(_ values: UnsafeMutableBufferPointer<Float>) {
    forEachWord(count: values.count) { values[$0] = Float($1 >> 8) * 0x1p-24 }
  }

  /// Fills with normal values of mean 0 and variance 1 (Box and Muller, in Float64).
  public func fillNormal(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let pointer = values.baseAddress else { return }
    Kernels.normals(pointer, values.count, key: key)
  }

  private func forEachWord(count: Int, _ body: (Int, UInt32) -> Void) {
    for block in 0..<(count + 3) / 4 {
      let words = words(block: UInt64(block))
      for lane in 0..<min(4, count - 4 * block) { body(4 * block + lane, words[lane]) }
    }
  }
}
