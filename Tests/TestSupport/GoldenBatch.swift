import Tensors
import Testing
import Training

/// The loss of a scenario's first batch and its gradients, next to those of PyTorch.
package struct GoldenBatch {
  package let facts: [String: Any]
  package let mean: Double
  /// The loss of PyTorch.
  package let wanted: Double
  package let gradients: Tensors.Arena
  /// The gradients that are farther than 1e-4 of a tensor's largest from PyTorch's.
  package let wrong: [WeightError]

  package init(_ scenario: String, task: any LearningTask) throws {
    facts = try Golden.facts("families/" + scenario)
    wanted = try #require((facts["losses"] as? [Double])?.first)
    (mean, gradients) = try GoldenFamily.backward(scenario, task: task)
    wrong = try GoldenFamily.wrongGradients(
      gradients, scenario, file: "gradients", zeros: facts["zero_gradients"] as? [String] ?? [])
  }
}
