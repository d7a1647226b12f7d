import Layers
import Optimizers
import Tensors
import Training

/// The mean of the last K students: the weights after each of the last K committed steps, the initial ones among them.
///
///     teacher = (1/K) Σ weights(t - k),  k = 0 … K - 1            of fewer, while there are fewer
///
/// - Paper: Xu et al., arXiv:2002.10345, where K = 1 … 5 was tried; the card of `SelfDistillation` says more.
/// - The mean is taken anew each step, in the order of the slots: it neither drifts nor depends on a resume.
/// - Cost: K passes a step and K + 1 arenas of memory on every rank. Saves: the K students; the mean is made from them.
public final class LastStudents: WeightAverage {
  public let name = "teacher"
  public let isOnEveryRank = true
  public let count: Int
  /// Students ever taken; number n lies in slot n mod K.
  private var taken = 0
  private var slots: [AverageArenas]
  private var mean: AverageArenas

  public init(of state: ModelState, count: Int) {
    precondition(count >= 1, "the mean of \(count) students is undefined")
    self.count = count
    slots = Array(repeating: AverageArenas(for: state), count: count)
    mean = AverageArenas(for: state)
  }

  public func hasStarted(after steps: Int) -> Bool { true }

  public func update(after steps: Int, from state: ModelState) {
    if steps == 0 { taken = 0 }
    slots[taken % count].copy(from: state)
    taken += 1
    average()
  }

  private func average() {
    guard taken > 0 else { return }
    mean.make()
    guard let mean = mean.arenas else { return }
    for (index, slot) in slots.prefix(taken).enumerated() {
      guard let student = slot.arenas else { continue }
      Averaging.mean(mean.weights, adding: student.weights, count: index)
      Averaging.mean(mean.buffers, adding: student.buffers, count: index)
    }
  }

  public var averages: (weights: Arena, buffers: Arena)? { mean.arenas }

  public var checkpointValues: [String: Double] {
    get { ["taken": Double(taken)] }
    set {
      taken = Int(newValue["taken"] ?? 0)
      for slot in 0..<min(taken, count) { slots[slot].make() }
      mean.make()
    }
  }

  /// The students, and their mean, which is part of the next step's forward.
  public var checkpointArenas: [(name: String, arena: Arena)] {
    slots.enumerated().flatMap { $1.named("student.\($0).") } + mean.named("mean.")
  }
}
