import Data
import Tensors

extension Pass {
  /// A loss for each score that has a target, from functions of one score; the result is [count].
  ///
  /// A score whose target is missing (nan) has the loss 0 and no gradient.
  /// - Parameters:
  ///   - targets: as many as scores.
  ///   - loss: the loss, and its derivative by the score, of the score at an index.
  public func elementLosses(
    _ scores: Tensor, targets: [Float], loss: (_ score: Double, _ target: Double, _ index: Int) -> (Double, Double)
  ) -> Tensor {
    precondition(scores.count == targets.count, "\(targets.count) targets for scores \(scores.shape)")
    let result = result([scores.count], from: [scores])
    var slopes = [Float](repeating: 0, count: scores.count)
    for index in 0..<scores.count {
      guard !targets[index].isNaN else {
        result.values[index] = 0
        continue
      }
      let (value, slope) = loss(Double(scores.pointer[index]), Double(targets[index]), index)
      (result.values[index], slopes[index]) = (Float(value), Float(slope))
    }
    record(result) { upstream in
      let slot = scores.clearedGradient()
      for index in 0..<scores.count { slot[index] += upstream[index] * slopes[index] }
    }
    return result
  }

  /// (value - target)² of each value that has a target; the result is [count].
  func squares(_ values: Tensor, _ targets: [Float]) -> Tensor {
    elementLosses(values, targets: targets) { value, target, _ in
      ((value - target) * (value - target), 2 * (value - target))
    }
  }

  /// (first - second)² of each pair, with gradient to both; the result is [count].
  func squares(between first: Tensor, _ second: Tensor) -> Tensor {
    elementPairs(first, second) { first, second in
      let difference = first - second
      return (difference * difference, 2 * difference, -2 * difference)
    }
  }

  /// A figure of each pair of scores, symmetric in them and with gradient to both; the result is [count].
  ///
  /// - Parameter figure: the figure, and its derivatives by the first and by the second score.
  package func elementPairs(
    _ first: Tensor, _ second: Tensor, figure: (_ first: Double, _ second: Double) -> (Double, Double, Double)
  ) -> Tensor {
    precondition(first.shape == second.shape, "scores \(first.shape) and \(second.shape) cannot be compared")
    let result = result([first.count], from: [first, second])
    var slopes = [(Float, Float)](repeating: (0, 0), count: first.count)
    for index in 0..<first.count {
      let (value, one, two) = figure(Double(first.pointer[index]), Double(second.pointer[index]))
      result.values[index] = Float(value)
      slopes[index] = (Float(one), Float(two))
    }
    record(result) { upstream in
      for (side, isFirst) in [(first, true), (second, false)] where side.needsGradient {
        let slot = side.clearedGradient()
        for index in 0..<first.count { slot[index] += upstream[index] * (isFirst ? slopes[index].0 : slopes[index].1) }
      }
    }
    return result
  }
}

extension Microbatch {
  /// 1 for a target that is there, else 0.
  public var observed: [Float] { targets.map { $0.isNaN ? 0 : 1 } }

  /// The scores of a teacher as targets; nan where the row's own target is missing.
  func targets(from teacher: Tensor) -> [Float] { zip(teacher.values, targets).map { $1.isNaN ? .nan : $0 } }
}
