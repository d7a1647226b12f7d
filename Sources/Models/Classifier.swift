import Data
import Layers
import Tensors

/// A model that scores the classes of each row of a microbatch.
public protocol Classifier: Module {
  var labels: Int { get }

  /// Scores of shape [rows, labels]: one tensor in evaluation; in training one for each sample of a multi-sample dropout
  /// head, else one.
  func callAsFunction(_ microbatch: Microbatch, _ pass: Pass) -> [Tensor]
}
