/// The pieces in which ranks add a gradient, the last one of the arena first: a backward pass fills it from the back.
///
/// A function of the layout and the number of ranks alone, so that all ranks cut alike, and alike whether they add beside
/// the backward pass or after it: where a vector is cut, the order of a ring's additions changes.
package struct Buckets: Equatable {
  /// In elements of the arena, the last first; together they are the stretches.
  package let ranges: [Range<Int>]

  /// 4 MiB, or what gives each rank of a large ring 256 KiB to add up: smaller ones would cost more messages than they save time.
  package static func longest(ranks: Int) -> Int { (1 << 16) * max(16, ranks) }

  /// - Parameter longest: elements of a bucket, at most; a multiple of 16, so that each begins on a cache line.
  package init(_ stretches: [Range<Int>], longest: Int) {
    precondition(longest > 0 && longest % 16 == 0, "buckets of \(longest) elements")
    ranges = stretches.reversed().flatMap { stretch in
      let pieces = (stretch.count + longest - 1) / longest
      let length = (stretch.count / max(1, pieces) + 15) / 16 * 16
      return (0..<pieces).map { piece in
        let end = stretch.upperBound - piece * length
        return (piece == pieces - 1 ? stretch.lowerBound : end - length)..<end
      }
    }
  }
}
