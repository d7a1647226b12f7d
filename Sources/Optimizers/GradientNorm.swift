import Tensors

/// The Euclidean norm of a gradient over all trainable tensors, with the same bits for any number of threads.
///
/// Each tensor is cut into blocks of 4,096 elements; a block is summed in Float64 lanes and the blocks are added in the
/// order of the arena. Frozen tensors do not count. Cost: one pass that reads the arena.
public enum GradientNorm {
  private static let blockCount = 4096

  /// Blocks that one thread takes at a time, so that handing them out costs nothing beside the sums.
  private static let blocksPerTurn = 16

  /// The norm of `gradients * factor`; infinite or nan when the gradient is.
  public static func norm(
    of gradients: Arena, factor: Float = 1, groups: ParameterGroups, workers: Workers = Workers(count: 1)
  ) -> Double {
    let blocks = groups.members.lazy.filter { !$0.isFrozen }.flatMap { member in
      stride(from: member.range.lowerBound, to: member.range.upperBound, by: blockCount).map { start in
        start..<min(start + blockCount, member.range.upperBound)
      }
    }
    return norm(of: gradients, factor: factor, blocks: Array(blocks), workers: workers)
  }

  private static func norm(of gradients: Arena, factor: Float, blocks: [Range<Int>], workers: Workers) -> Double {
    let turns = (blocks.count + blocksPerTurn - 1) / blocksPerTurn
    let sums = [Double](unsafeUninitializedCapacity: blocks.count) { sums, count in
      // Threads write different elements.
      nonisolated(unsafe) let sums = sums
      workers.run(pieces: turns) { turn in
        for index in turn * blocksPerTurn..<min((turn + 1) * blocksPerTurn, blocks.count) {
          let block = blocks[index]
          let sum = OptimizerKernels.sumOfSquares(
            gradients.pointer + block.lowerBound, count: block.count, factor: factor)
          sums.initializeElement(at: index, to: sum)
        }
      }
      count = blocks.count
    }
    return sums.reduce(0, +).squareRoot()
  }
}

/// Scales a gradient that is too long back to a given norm, keeping its direction.
///
/// factor = min(1, maximum / (norm + 1e-6)), as `torch.nn.utils.clip_grad_norm_`.
///
/// - Paper: Pascanu et al., On the difficulty of training recurrent neural networks, arXiv:1211.5063.
/// - Default: 1, as BERT's fine-tuning does. It acts on the mean gradient of the whole global batch, once a step.
/// - Cost: nothing beyond the norm; the factor is folded into the update. Saves: nothing.
public struct Clipping: Sendable, Equatable {
  public let maximum: Double

  public init(maximum: Double = 1) {
    require(maximum > 0, "gradients are clipped to a norm above 0, not \(maximum)")
    self.maximum = maximum
  }

  /// What to multiply the gradient with, or nil when its norm is not finite: then no factor can save the step, and the
  /// caller skips it or stops.
  public func factor(norm: Double) -> Double? {
    norm.isFinite ? min(1, maximum / (norm + 1e-6)) : nil
  }
}
