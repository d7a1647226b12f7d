import Foundation
import Support

/// A model over models: multinomial logistic regression on the probabilities of several.
///
///     p = softmax(W x + b),  x the models' probabilities one behind the other
///     W, b = argmin  Σ cross entropy + ½ penalty ‖W‖²          with two classes penalty ‖W‖², see below
///
/// - Paper: Wolpert, Stacked generalization (1992). It must be fitted on **out-of-fold** predictions, of rows that the
///   models were not trained on: `lockstep train --folds K` makes them.
/// - `penalty` (1) is that of scikit-learn's LogisticRegression, 1 / C. With two classes scikit-learn fits one vector w, the
///   difference of the rows of W. Here W is (-w/2, w/2) at the minimum, so ½ penalty ‖w‖² is penalty ‖W‖².
/// - The problem is strictly convex (a trace of a penalty on b chooses among equal ones), so Newton's method ends at the one minimum whatever the order of the rows.
public struct Stacking: Sendable {
  /// [classes][features + 1], the last of each row being b.
  public let coefficients: [[Double]]

  private static let interceptPenalty = 1e-8

  /// Fits the regression on an ensemble's rows and their true classes.
  public init(_ ensemble: Ensemble, truths: [Int], penalty: Double = 1) {
    precondition(truths.count == ensemble.ids.count, "\(truths.count) truths for \(ensemble.ids.count) rows")
    precondition(penalty > 0, "a penalty of \(penalty) leaves the minimum undetermined")
    let features = truths.indices.map { ensemble.probabilities($0).joined() + [1] }
    let problem = Problem(
      features: features, truths: truths, classes: ensemble.labels.count,
      penalty: ensemble.labels.count == 2 ? 2 * penalty : penalty, interceptPenalty: Self.interceptPenalty)
    coefficients = problem.solve()
  }

  /// The stacked probabilities of an ensemble of the same models, in the same order of models and classes.
  public func predict(_ ensemble: Ensemble) -> [PredictedRow] {
    ensemble.ids.indices.map { row in
      let features = ensemble.probabilities(row).joined() + [1]
      let probabilities = Softmax(scores(coefficients, features)).probabilities
      return ensemble.predicted(row, place: probabilities.largestIndex ?? 0, probabilities)
    }
  }

  /// - Throws: `EnsembleError` where models say other things of a row than one class.
  public static func check(_ models: [Predictions]) throws {
    guard let other = models.first(where: { $0.form != .classes }) else { return }
    throw EnsembleError(
      "--out-of-fold", nil,
      "is given, and \(other.source) has \(other.form.noun), and the regression is on the classes of rows",
      "leave it out: \(other.form.noun) are averaged, with --weights if you know which model is better")
  }
}

private func scores(_ coefficients: [[Double]], _ features: [Double]) -> [Double] {
  coefficients.map { zip($0, features).reduce(0) { $0 + $1.0 * $1.1 } }
}

/// The convex problem, solved by Newton's method with the step halved until the objective falls.
private struct Problem {
  let features: [[Double]]
  let truths: [Int]
  let classes: Int
  let penalty: Double
  let interceptPenalty: Double

  private var width: Int { features[0].count }

  private func penalty(at feature: Int) -> Double { feature == width - 1 ? interceptPenalty : penalty }

  func solve() -> [[Double]] {
    var coefficients = [[Double]](repeating: [Double](repeating: 0, count: width), count: classes)
    var value = objective(coefficients)
    for _ in 0..<100 {
      let (gradient, hessian) = derivatives(coefficients)
      guard gradient.contains(where: { abs($0) > 1e-10 * Double(truths.count) }) else { break }
      let direction = solvePositiveDefinite(hessian, gradient)
      var step = 1.0
      var next = moved(coefficients, direction, step)
      while objective(next) > value, step > 1e-10 {
        step /= 2
        next = moved(coefficients, direction, step)
      }
      let nextValue = objective(next)
      guard nextValue < value else { break }
      (coefficients, value) = (next, nextValue)
    }
    return coefficients
  }

  private func moved(_ coefficients: [[Double]], _ direction: [Double], _ step: Double) -> [[Double]] {
    coefficients.enumerated().map { row, values in
      values.enumerated().map { $1 - step * direction[row * width + $0] }
    }
  }

  private func objective(_ coefficients: [[Double]]) -> Double {
    let losses = zip(features, truths).reduce(0) { sum, row in
      sum - PortableFunctions.log(max(Softmax(scores(coefficients, row.0)).probabilities[row.1], .leastNormalMagnitude))
    }
    return coefficients.reduce(losses) { sum, values in
      values.enumerated().reduce(sum) { $0 + penalty(at: $1.offset) / 2 * $1.element * $1.element }
    }
  }

  private func derivatives(_ coefficients: [[Double]]) -> (gradient: [Double], hessian: [[Double]]) {
    let size = classes * width
    var gradient = coefficients.flatMap { $0.enumerated().map { penalty(at: $0) * $1 } }
    var hessian = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
    for index in 0..<size { hessian[index][index] = penalty(at: index % width) }
    for (row, truth) in zip(features, truths) {
      let probabilities = Softmax(scores(coefficients, row)).probabilities
      for first in 0..<classes {
        let error = probabilities[first] - (first == truth ? 1 : 0)
        for feature in 0..<width { gradient[first * width + feature] += error * row[feature] }
        for second in 0..<classes {
          let curvature = probabilities[first] * ((first == second ? 1 : 0) - probabilities[second])
          for feature in 0..<width where row[feature] != 0 {
            for other in 0..<width {
              hessian[first * width + feature][second * width + other] += curvature * row[feature] * row[other]
            }
          }
        }
      }
    }
    return (gradient, hessian)
  }
}

/// x of A x = b for a symmetric positive definite A, by Cholesky's factorisation.
private func solvePositiveDefinite(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
  var factor = matrix
  for column in factor.indices {
    for row in column..<factor.count {
      var sum = matrix[row][column]
      for index in 0..<column { sum -= factor[row][index] * factor[column][index] }
      factor[row][column] = row == column ? max(sum, 1e-300).squareRoot() : sum / factor[column][column]
    }
  }
  var solution = right
  for row in factor.indices {
    for index in 0..<row { solution[row] -= factor[row][index] * solution[index] }
    solution[row] /= factor[row][row]
  }
  for row in factor.indices.reversed() {
    for index in (row + 1)..<factor.count { solution[row] -= factor[index][row] * solution[index] }
    solution[row] /= factor[row][row]
  }
  return solution
}
