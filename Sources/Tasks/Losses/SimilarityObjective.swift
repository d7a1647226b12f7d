import Tensors
import Training

/// A loss of similarity that is of the whole batch.
final class SimilarityObjective: BatchObjective {
  let lossName: String
  private let function: (BatchVectors) -> BatchLosses

  init(lossName: String, losses: @escaping (BatchVectors) -> BatchLosses) {
    (self.lossName, function) = (lossName, losses)
  }

  func losses(_ batch: BatchVectors) -> BatchLosses { function(batch) }
}

extension Pass {
  /// (value - target)² of each value.
  func squares(_ values: Tensor, _ targets: [Float]) -> Tensor {
    elementLosses(values, targets: targets) { value, target, _ in
      ((value - target) * (value - target), 2 * (value - target))
    }
  }
}
