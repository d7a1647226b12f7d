#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Tensors

/// What is kept of the scores of a vocabulary: ln p of the right token, and the most probable ones.
///
///     ln p(target)   id₁  ln p₁   id₂  ln p₂   …
enum LikeliestTokens {
  /// Tokens that are kept.
  static let count = 5
  static let width = 1 + 2 * count

  /// - Parameters:
  ///   - scores: [tokens, vocabulary].
  ///   - targets: the right ones; -1 where nobody knows it, whose ln p is then 0.
  static func answers(_ scores: Tensor, targets: [Int32]) -> [Double] {
    let columns = scores.shape[1]
    return withExtendedLifetime(scores) {
      zip(scores.rowLogSums, targets).enumerated().flatMap { row, known -> [Double] in
        let values = UnsafeBufferPointer(start: scores.pointer + row * columns, count: columns)
        let (sum, target) = (Double(known.0), Int(known.1))
        let best = largest(of: values)
        let filled = best + [Int](repeating: best.last ?? 0, count: count - best.count)
        return [target < 0 ? 0 : Double(values[target]) - sum]
          + filled.flatMap { [Double($0), Double(values[$0]) - sum] }
      }
    }
  }

  /// The places of the largest values, the largest first, of equals the first.
  private static func largest(of values: UnsafeBufferPointer<Float>) -> [Int] {
    var best: [Int] = []
    var least = -Float.infinity
    for (index, value) in values.enumerated() where value > least || best.count < count {
      let place = best.firstIndex { values[$0] < value } ?? best.count
      best.insert(index, at: place)
      if best.count > count { best.removeLast() }
      if best.count == count { least = values[best[count - 1]] }
    }
    return best
  }

  /// The tokens that a token's answers name, each once, with their probabilities.
  static func tokens(_ numbers: ArraySlice<Double>) -> [(id: Int32, probability: Double)] {
    var tokens: [(id: Int32, probability: Double)] = []
    for index in stride(from: numbers.startIndex + 1, to: numbers.endIndex, by: 2) {
      let id = Int32(numbers[index])
      if tokens.last?.id != id { tokens.append((id, exp(numbers[index + 1]))) }
    }
    return tokens
  }
}
