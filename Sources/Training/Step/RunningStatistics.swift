import DataParallel
import Layers
import Tensors

extension DataParallelGroup {
  /// What the batch norms of all ranks saw, that of the first microbatch first: the same on all ranks.
  func gather(
    _ own: [BatchStatistics.Observation], name: String, step: Int
  ) throws -> [BatchStatistics.Observation] {
    // A rank holds a contiguous range of microbatches, so the order of ranks is that of microbatches.
    try gather(own.flatMap(\.encoded), name: name, step: step).flatMap(BatchStatistics.Observation.decode)
  }

  /// The longest share of `leaves` microbatches, and the first rank that holds so many.
  func longestShare(of leaves: Int) -> (rank: Int, count: Int) {
    let counts = shares(of: leaves).map(\.count)
    let count = counts.max() ?? 0
    return (counts.firstIndex(of: count) ?? 0, count)
  }
}

extension BatchStatistics.Observation {
  /// The site, the number of channels, their count, means and squares.
  fileprivate var encoded: [Double] {
    [Double(site), Double(moments.means.count), moments.count] + moments.means + moments.squares
  }

  fileprivate static func decode(_ numbers: [Double]) -> [BatchStatistics.Observation] {
    var observations: [BatchStatistics.Observation] = []
    var rest = numbers[...]
    while !rest.isEmpty {
      let channels = rest.count > 3 ? Int(exactly: rest[rest.startIndex + 1]) ?? -1 : -1
      precondition(channels >= 0 && rest.count >= 3 + 2 * channels, "\(rest.count) numbers for \(channels) channels")
      let head = Array(rest.prefix(3))
      rest = rest.dropFirst(3)
      observations.append(
        BatchStatistics.Observation(
          site: Int(head[0]),
          moments: ChannelMoments(
            count: head[2], means: Array(rest.prefix(channels)),
            squares: Array(rest.dropFirst(channels).prefix(channels)))))
      rest = rest.dropFirst(2 * channels)
    }
    return observations
  }
}

extension ModelState {
  /// Moves running statistics towards what batch norms saw, one observation after the other.
  func updateRunningStatistics(_ observations: [BatchStatistics.Observation]) {
    for observation in observations { batchNorms[observation.site].update(observation.moments) }
  }
}
