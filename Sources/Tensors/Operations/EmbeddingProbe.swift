/// A place in a forward pass where something is added to the embedded tokens of each example, and where their gradient can
/// be read: what an adversary works with that moves inputs and not weights.
///
/// Several forwards of one microbatch share the offset, and their gradients are added up.
public final class EmbeddingProbe {
  /// For each example the range of its numbers in `offset` and `gradient`; empty before the first forward.
  public private(set) var examples: [Range<Int>] = []
  /// What is added, zero at first.
  public private(set) var offset = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  /// The sum of the gradients of all forwards since `beginGradient`.
  public private(set) var gradient = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  private let tokenOffsets: [Int32]

  /// - Parameter offsets: row r of the microbatch has the tokens `offsets[r] ..< offsets[r + 1]`.
  public init(offsets: [Int32]) { tokenOffsets = offsets }

  /// Starts a new sum of gradients.
  public func beginGradient() { gradient.update(repeating: 0) }

  fileprivate func prepare(tokens: Int, width: Int) {
    require(
      Int(tokenOffsets.last ?? 0) == tokens, "a probe of \(tokenOffsets.last ?? 0) tokens meets \(tokens) of them")
    guard offset.isEmpty else { return }
    offset = .allocate(capacity: tokens * width)
    gradient = .allocate(capacity: tokens * width)
    offset.initialize(repeating: 0)
    gradient.initialize(repeating: 0)
    examples = zip(tokenOffsets, tokenOffsets.dropFirst()).map { Int($0) * width..<Int($1) * width }
  }

  deinit {
    offset.deallocate()
    gradient.deallocate()
  }
}

extension Pass {
  /// The embedded tokens [n, h] as this pass's probe displaces them; themselves where there is none.
  public func probed(_ input: Tensor) -> Tensor {
    guard let probe else { return input }
    require(input.shape.rank == 2, "a probe takes tokens [n, h], not shape \(input.shape)")
    probe.prepare(tokens: input.shape[0], width: input.shape[1])
    let result = tensor(input.shape)
    guard let offset = probe.offset.baseAddress, let sum = probe.gradient.baseAddress else { return input }
    Kernels.add(result.pointer, input.pointer, offset, input.count)
    record(result) { gradient in
      Kernels.add(sum, sum, gradient, input.count)
      guard input.needsGradient else { return }
      let slot = input.gradientSlot()
      Kernels.scale(slot.pointer, gradient, by: 1, input.count, accumulates: slot.accumulates)
    }
    return result
  }
}
