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
