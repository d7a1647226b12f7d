extension Planner {
  /// Ordered all-reduce: each rank owns one chunk, receives everyone's subtrees of it, adds them in tree order and hands it to all.
  ///
  /// The bits depend on the tree alone, not on who holds which leaf. With one subtree a rank it moves 2 (p - 1) / p n bytes, as a
  /// ring does. Contributions are taken a segment at a time into two sets of scratch memory, so memory stays at two segments a subtree.
  func ordered(bytes: Int, shares: [Range<Int>]) -> Schedule {
    precondition(shares.count == size, "\(shares.count) shares for \(size) ranks")
    let tree = SummationTree(leaves: shares.last!.upperBound)
    let parts = shares.map(tree.subtrees(covering:))
    guard let additions = tree.additions(of: parts.flatMap { $0 }) else {
      preconditionFailure("shares \(shares) are not 0..<\(tree.leaves) in rank order")
    }
    var plan = Schedule(size: size)
    let chunks = (0..<size).map { Cutting.segments(Cutting.chunk($0, of: size, bytes: bytes), of: segmentBytes) }
    let lastSends = sendContributions(&plan, chunks: chunks, subtrees: parts[rank].count)
    let totals = addOwnChunk(&plan, segments: chunks[rank], parts: parts, additions: additions)

    for distance in 1..<size {
      let reader = neighbour(distance)
      for (index, segment) in chunks[rank].enumerated() {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        plan.append(.send(to: reader), region, bytes: segment.count, after: totals[index])
      }
    }
    for distance in 1..<size {
      let owner = neighbour(-distance)
      for (index, segment) in chunks[owner].enumerated() {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        plan.append(.receive(from: owner), region, bytes: segment.count, after: lastSends[owner][index])
      }
    }
    return plan
  }

  /// Sends each owner this rank's subtrees of its chunk; returns, by owner and segment, the send that frees the result's memory.
  private func sendContributions(
    _ plan: inout Schedule, chunks: [[Range<Int>]], subtrees: Int
  ) -> [[Int?]] {
    var firstBufferSends: [[Int?]] = chunks.map { $0.map { _ in nil } }
    for distance in 1..<size {
      let owner = neighbour(distance)
      for (index, segment) in chunks[owner].enumerated() {
        for subtree in 0..<subtrees {
          let region = Schedule.Region(buffer: subtree, offset: segment.lowerBound)
          let send = plan.append(.send(to: owner), region, bytes: segment.count)
          if subtree == 0 { firstBufferSends[owner][index] = send }
        }
      }
    }
    return firstBufferSends
  }

  /// Receives everyone's subtrees of this rank's chunk and adds them; returns, by segment, the step that completes it in buffer 0.
  private func addOwnChunk(
    _ plan: inout Schedule, segments: [Range<Int>], parts: [[Range<Int>]], additions: [SummationTree.Addition]
  ) -> [Int?] {
    let longest = segments.map(\.count).max() ?? 0
    let foreign = parts.indices.filter { $0 != rank }.reduce(0) { $0 + parts[$1].count }
    let scratch = (0..<2).map { _ in (0..<foreign).map { _ in plan.takeScratch(longest) } }
    var totals: [Int?] = []
    for (index, segment) in segments.enumerated() {
      var places: [Schedule.Region] = []
      var ready: [Int?] = []
      var taken = 0
      for (peer, subtrees) in parts.enumerated() {
        for subtree in subtrees.indices {
          if peer == rank {
            places.append(Schedule.Region(buffer: subtree, offset: segment.lowerBound))
            ready.append(nil)
            continue
          }
          let region = scratch[index % 2][taken]
          taken += 1
          places.append(region)
          ready.append(
            plan.append(
              .receive(from: peer), region, bytes: segment.count, after: index < 2 ? nil : totals[index - 2]))
        }
      }
      for addition in additions {
        ready[addition.left] = plan.append(
          .add(places[addition.left], places[addition.right]), places[addition.left], bytes: segment.count,
          after: ready[addition.left], ready[addition.right])
      }
      let result = Schedule.Region(buffer: 0, offset: segment.lowerBound)
      totals.append(
        places.first.map { total in
          total == result ? ready[0] : plan.append(.copy(total), result, bytes: segment.count, after: ready[0])
        } ?? nil)
    }
    return totals
  }
}
