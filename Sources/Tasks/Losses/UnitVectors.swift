/// Vectors divided by their lengths, in Float64.
struct UnitVectors {
  let width: Int
  private(set) var values: [Double]
  private let lengths: [Double]

  /// The shortest length that a vector is divided by, PyTorch's.
  private static let shortest = 1e-8

  /// - Parameters:
  ///   - vectors: [count × width]
  ///   - chosen: the vectors to take.
  init(_ vectors: [Double], chosen: [Int], width: Int) {
    self.width = width
    values = []
    values.reserveCapacity(chosen.count * width)
    var lengths: [Double] = []
    for index in chosen {
      let vector = vectors[index * width..<(index + 1) * width]
      let length = max(vector.reduce(0) { $0 + $1 * $1 }.squareRoot(), Self.shortest)
      lengths.append(length)
      values += vector.lazy.map { $0 / length }
    }
    self.lengths = lengths
  }

  var count: Int { lengths.count }

  /// The cosine of a vector with one of another set.
  func cosine(_ index: Int, _ other: UnitVectors, _ place: Int) -> Double {
    values.withUnsafeBufferPointer { own in
      other.values.withUnsafeBufferPointer { others in
        var sum = 0.0
        for column in 0..<width { sum += own[index * width + column] * others[place * width + column] }
        return sum
      }
    }
  }

  /// Adds a multiple of one of these to a gradient by vectors of length 1.
  func add(_ index: Int, times factor: Double, to gradient: inout [Double], at place: Int) {
    values.withUnsafeBufferPointer { own in
      gradient.withUnsafeMutableBufferPointer { gradient in
        for column in 0..<width { gradient[place * width + column] += factor * own[index * width + column] }
      }
    }
  }

  /// The gradient by the vectors as they were, from that by vectors of length 1: without its part along the vector, over
  /// the length.
  func gradient(_ unit: [Double]) -> [Double] {
    var result = unit
    for index in 0..<count {
      let own = index * width..<(index + 1) * width
      let along =
        lengths[index] > Self.shortest ? zip(values[own], unit[own]).reduce(0) { $0 + $1.0 * $1.1 } : 0
      for place in own { result[place] = (unit[place] - along * values[place]) / lengths[index] }
    }
    return result
  }
}
