import Layers
import Tensors

/// Dropout and a linear map from a feature vector to class scores.
///
/// With several probabilities it is a multi-sample dropout head (Inoue 2019, arXiv:1905.09788): in training the features
/// are dropped once for each probability, the same linear map scores every sample, and the objective averages their
/// losses. It costs one small product a sample; in evaluation nothing is dropped and there is one sample.
public final class ClassificationHead: Module {
  let samples: [Dropout]
  let linear: Linear

  public init(width: Int, labels: Int, dropouts: [Double], initializer: Parameter.Initializer) {
    precondition(!dropouts.isEmpty, "a head has at least one dropout probability, which may be 0")
    samples = dropouts.map(Dropout.init)
    linear = Linear(width, labels, initializer: initializer)
  }

  /// The linear map is all that a checkpoint holds: `classifier.weight`, not `classifier.linear.weight`.
  public var checkpointNames: [String: String] { ["linear": ""] }

  /// [rows, width] → one [rows, labels] for each sample.
  public func callAsFunction(_ features: Tensor, _ coordinates: Coordinates, _ pass: Pass) -> [Tensor] {
    guard pass.mode == .training else { return [linear(features, pass)] }
    return samples.map { linear($0(features, coordinates, pass), pass) }
  }
}
