/// A figure over the steps of a run, in buckets of equally many steps that keep the least, the greatest and the mean.
///
/// It takes the same memory however long the run: where the buckets do not reach, two neighbours become one. So every
/// extreme value is drawn, at any width of the screen.
package struct Curve: Sendable {
  /// What is known of the steps of one bucket that have the figure.
  package struct Point: Sendable, Equatable {
    /// The bucket's number: its steps are `index * width ..< (index + 1) * width`.
    package var index: Int
    /// Its last step.
    package var step: Int
    package var least: Double
    package var greatest: Double
    package var mean: Double
  }

  private struct Bucket {
    var step = 0
    var count = 0
    var least = Double.infinity
    var greatest = -Double.infinity
    var sum = 0.0

    mutating func add(_ value: Double, step: Int) {
      (least, greatest) = (min(least, value), max(greatest, value))
      (sum, count, self.step) = (sum + value, count + 1, max(self.step, step))
    }

    mutating func merge(_ other: Bucket) {
      (least, greatest) = (min(least, other.least), max(greatest, other.greatest))
      (sum, count, step) = (sum + other.sum, count + other.count, max(step, other.step))
    }
  }

  /// Steps of a bucket, a power of two.
  package private(set) var width = 1
  private var buckets: [Bucket] = []

  /// The most buckets; several for each pixel of a wide screen.
  package static let capacity = 1 << 14
  /// No run has more steps.
  package static let lastStep = 1 << 40

  package init() {}

  /// The latest value that was added.
  package private(set) var latest: Double?

  /// Adds a finite value of a step in `0...lastStep`; anything else is not a figure, and is left out.
  package mutating func add(_ value: Double, step: Int) {
    guard value.isFinite, 0...Self.lastStep ~= step else { return }
    while step / width >= Self.capacity { halve() }
    let index = step / width
    while buckets.count <= index { buckets.append(Bucket()) }
    buckets[index].add(value, step: step)
    latest = value
  }

  private mutating func halve() {
    for index in stride(from: 0, to: buckets.count, by: 2) {
      var merged = buckets[index]
      if index + 1 < buckets.count { merged.merge(buckets[index + 1]) }
      buckets[index / 2] = merged
    }
    buckets.removeLast(buckets.count / 2)
    width *= 2
  }

  /// The points in buckets of `width` steps, those without a value left out.
  /// - Parameters:
  ///   - width: a power of two, at least the curve's own.
  ///   - first: the bucket of that width to begin with.
  package func points(width: Int, from first: Int = 0) -> [Point] {
    precondition(width >= self.width && width.nonzeroBitCount == 1, "buckets of \(width) steps, not \(self.width)")
    let factor = width / self.width
    var points: [Point] = []
    var start = min(max(0, first), buckets.count) * factor
    while start < buckets.count {
      var bucket = buckets[start]
      for next in buckets[start..<min(start + factor, buckets.count)].dropFirst() { bucket.merge(next) }
      if bucket.count > 0 {
        points.append(
          Point(
            index: start / factor, step: bucket.step, least: bucket.least, greatest: bucket.greatest,
            mean: bucket.sum / Double(bucket.count)))
      }
      start += factor
    }
    return points
  }

  /// The narrowest buckets of which a run of so many steps fills at most `count`.
  package static func width(steps: Int, buckets count: Int) -> Int {
    var width = 1
    while steps / width >= max(1, count) { width *= 2 }
    return width
  }
}
