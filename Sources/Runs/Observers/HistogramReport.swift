import Tensors
import Training

/// How weights and gradients were spread after a step.
public struct HistogramReport: Sendable {
  public struct Tensor: Sendable {
    public var name: String
    public var weights: Histogram
    /// Of the mean over the global batch, before clipping; nil where it is frozen.
    public var gradients: Histogram?
  }

  public var step: Int
  public var tensors: [Tensor]
}

extension HistogramReport {
  /// After a committed step, before the next one.
  init(of trainer: Trainer) {
    step = trainer.step
    let state = trainer.state
    let factor = Float(trainer.gradientFactor)
    tensors = zip(state.parameters, state.layout.slices).map { parameter, slice in
      Tensor(
        name: slice.name, weights: Histogram(state.weights.values[of: slice]),
        gradients: parameter.isFrozen ? nil : Histogram(trainer.gradients.values[of: slice], factor: factor))
    }
  }
}

extension UnsafeMutableBufferPointer<Float> {
  fileprivate subscript(of slice: ArenaLayout.Slice) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: self[slice.range])
  }
}
