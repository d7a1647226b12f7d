/// What is minimised on a microbatch: cross entropy, R-Drop, self-distillation, or a sum of several.
///
/// An objective asks `forward` for as many forwards as it compares and gives losses for each of its terms. They are summed,
/// each times its weight, over rows, microbatches and ranks, and divided once, by the weight of the global batch.
public protocol Objective: AnyObject {
  /// Forwards, each with its own masks, that the objective compares: 1, or 2 for R-Drop.
  var forwards: Int { get }

  func terms(_ forward: Forward) -> [LossTerm]
}

/// The sum of several objectives over the same forwards.
public final class ObjectiveSum: Objective {
  let parts: [any Objective]

  public init(_ parts: [any Objective]) { self.parts = parts }

  public var forwards: Int { parts.map(\.forwards).max() ?? 1 }
  public func terms(_ forward: Forward) -> [LossTerm] { parts.flatMap { $0.terms(forward) } }
}
