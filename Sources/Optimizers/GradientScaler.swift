import Support
import Tensors

/// Keeps the gradients of half precision above the smallest number that fp16 can hold, and below the largest.
///
/// The loss is multiplied by `scale` before the backward pass and the gradient divided by it afterwards. A gradient that is
/// not finite says that the scale was too large: the step is skipped and the scale halved. After `growthInterval` steps
/// without overflow it is doubled.
///
/// - Paper: Micikevicius et al., Mixed precision training, arXiv:1710.03740; the numbers are those of
///   `torch.amp.GradScaler`.
/// - Whether a step overflowed is given from outside: all ranks must have agreed on it, or some would step and others not.
/// - Cost: nothing, the division is folded into the update. Saves: scale and growth tracker.
public struct GradientScaler: Sendable, Equatable {
  /// What a checkpoint must hold.
  public struct State: Sendable, Equatable, Codable {
    public var scale: Float
    /// Steps without overflow since the scale last changed, below the growth interval.
    public var growthTracker: Int

    public init(scale: Float, growthTracker: Int) {
      self.scale = scale
      self.growthTracker = growthTracker
    }
  }

  public let growthFactor: Float
  public let backoffFactor: Float
  public let growthInterval: Int
  public private(set) var state: State

  public init(
    initialScale: Float = 65_536, growthFactor: Float = 2, backoffFactor: Float = 0.5, growthInterval: Int = 2000
  ) {
    require(initialScale > 0 && initialScale.isFinite, "the scale \(initialScale) is not a positive number")
    require(growthFactor > 1, "the growth factor \(growthFactor) is not above 1")
    require(backoffFactor > 0 && backoffFactor < 1, "the backoff factor \(backoffFactor) is not between 0 and 1")
    require(growthInterval >= 1, "the growth interval \(growthInterval) is not at least 1")
    self.growthFactor = growthFactor
    self.backoffFactor = backoffFactor
    self.growthInterval = growthInterval
    state = State(scale: initialScale, growthTracker: 0)
  }

  public var scale: Float { state.scale }

  /// Whether the scale has fallen below 2⁻¹⁴: the gradient then overflows for ever, whatever the scale.
  public var isExhausted: Bool { state.scale < 0x1p-14 }

  /// Ends a step.
  ///
  /// - Parameter overflowed: whether any gradient of any rank was infinite or nan; such a step must have been skipped.
  public mutating func update(overflowed: Bool) {
    if overflowed {
      state.scale *= backoffFactor
      state.growthTracker = 0
      return
    }
    state.growthTracker += 1
    guard state.growthTracker == growthInterval else { return }
    state.growthTracker = 0
    let grown = state.scale * growthFactor
    if grown.isFinite { state.scale = grown }
  }

  /// Takes back the state of a checkpoint.
  public mutating func restore(_ state: State) throws(GradientScalerStateError) {
    let isPossible = state.scale > 0 && state.scale.isFinite && (0..<growthInterval).contains(state.growthTracker)
    guard isPossible else { throw GradientScalerStateError(state: state, growthInterval: growthInterval) }
    self.state = state
  }
}

/// A saved state that no run can have written.
public struct GradientScalerStateError: ClassifiedError, Equatable, CustomStringConvertible {
  public let state: GradientScaler.State
  public let growthInterval: Int

  public var exitClass: ExitClass { .disk }

  public var description: String {
    "the gradient scaler's state in this checkpoint is impossible (scale \(state.scale), "
      + "\(state.growthTracker) of \(growthInterval) steps toward growth): resume from an older checkpoint"
  }
}
