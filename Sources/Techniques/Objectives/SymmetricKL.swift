import Support
import Tensors

/// The symmetric Kullback-Leibler divergence of two rows of scores, with p = softmax(a) and q = softmax(b):
///
///     D = (KL(p‖q) + KL(q‖p)) / 2 = ½ Σ (p - q) (ln p - ln q)
///
///     ∂D/∂aₖ = ½ (pₖ (ln pₖ - ln qₖ - KL(p‖q)) + pₖ - qₖ)         and for b with p and q exchanged
///
/// Computed in Float64: where the two forwards agree, D is a small difference of large numbers.
public enum SymmetricKL {
  /// The divergence of two rows of `classes` scores, and its gradients.
  public static func value(
    _ first: UnsafeBufferPointer<Float>, _ second: UnsafeBufferPointer<Float>
  ) -> (divergence: Double, first: [Double], second: [Double]) {
    precondition(first.count == second.count, "rows of \(first.count) and \(second.count) scores cannot be compared")
    let (logP, logQ) = (Softmax(first).logarithms, Softmax(second).logarithms)
    let (p, q) = (logP.map { PortableFunctions.exp($0) }, logQ.map { PortableFunctions.exp($0) })
    var (forward, backward) = (0.0, 0.0)
    for index in p.indices {
      forward += p[index] * (logP[index] - logQ[index])
      backward += q[index] * (logQ[index] - logP[index])
    }
    let firstGradient = p.indices.map { (p[$0] * (logP[$0] - logQ[$0] - forward) + p[$0] - q[$0]) / 2 }
    let secondGradient = p.indices.map { (q[$0] * (logQ[$0] - logP[$0] - backward) + q[$0] - p[$0]) / 2 }
    return ((forward + backward) / 2, firstGradient, secondGradient)
  }
}

extension Pass {
  /// The symmetric Kullback-Leibler divergence of each row of `a` and `b`, both [n, c]; the result is [n]. Both sides get
  /// gradient.
  ///
  /// - Parameter mask: false for rows that do not count, such as pad tokens: their divergence is 0.
  public func symmetricKL(_ a: Tensor, _ b: Tensor, mask: [Bool]? = nil) -> Tensor {
    precondition(a.shape.rank == 2 && a.shape == b.shape, "scores of \(a.shape) and \(b.shape) have no divergence")
    let (rows, classes) = (a.shape[0], a.shape[1])
    precondition(mask.map { $0.count == rows } ?? true, "a mask of \(mask?.count ?? 0) for \(rows) rows")
    let result = result([rows], from: [a, b])
    var gradients: [(row: Int, first: [Double], second: [Double])] = []
    for row in 0..<rows {
      guard mask?[row] ?? true else {
        result.values[row] = 0
        continue
      }
      let value = SymmetricKL.value(a.row(row, of: classes), b.row(row, of: classes))
      result.values[row] = Float(value.divergence)
      if result.needsGradient { gradients.append((row, value.first, value.second)) }
    }
    record(result) { upstream in
      let sides = [(a, gradients.map { ($0.row, $0.first) }), (b, gradients.map { ($0.row, $0.second) })]
      for (side, shares) in sides where side.needsGradient {
        let slot = side.clearedGradient()
        for (row, share) in shares {
          for (index, value) in share.enumerated() { slot[row * classes + index] += Float(value) * upstream[row] }
        }
      }
    }
    return result
  }
}
