extension Planner {
  /// Ring all-reduce: a reduce-scatter and an all-gather, each p - 1 turns round the ring, in both directions of each link at once.
  ///
  ///     turn t of the reduce-scatter: chunk r - t goes to r + 1; chunk r - t - 1 comes from r - 1 and is added to ours
  ///     turn t of the all-gather:     chunk r + 1 - t goes to r + 1; chunk r - t comes from r - 1, complete
  ///
  /// A rank sends 2 (p - 1) / p n bytes. A segment is passed on as soon as it is added, so the turns overlap. One rank computes each
  /// element and hands it round: all ranks have the same bits; which rank's term comes first depends on the chunk.
  ///
  /// - Parameters:
  ///   - members: the ranks of the ring, this one among them; r and p above are places in it and their number.
  ///   - range: the bytes that are summed.
  func ring(over members: [Int], _ range: Range<Int>) -> Schedule {
    var plan = Schedule(size: size)
    let place = members.firstIndex(of: rank)!
    func neighbour(_ distance: Int) -> Int { ((place + distance) % members.count + members.count) % members.count }
    let next = members[neighbour(1)]
    let previous = members[neighbour(-1)]
    let chunks = members.indices.map { index in
      let chunk = Cutting.chunk(index, of: members.count, bytes: range.count)
      return Cutting.segments(
        range.lowerBound + chunk.lowerBound..<range.lowerBound + chunk.upperBound, of: segmentBytes)
    }
    let slots = (0..<2).map { _ in plan.takeScratch(min(segmentBytes, range.count)) }
    var slotUser: [Int?] = [nil, nil]
    var received = 0
    // By chunk and segment: the step that last completed it here, and the one that sends it in the reduce-scatter.
    var ready: [[Int?]] = chunks.map { $0.map { _ in nil } }
    var sent = ready

    func send(_ chunk: Int) {
      for (index, segment) in chunks[chunk].enumerated() {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        sent[chunk][index] = plan.append(.send(to: next), region, bytes: segment.count, after: ready[chunk][index])
      }
    }

    for turn in 0..<members.count - 1 {
      send(neighbour(-turn))
      let chunk = neighbour(-turn - 1)
      for (index, segment) in chunks[chunk].enumerated() {
        let slot = received % slots.count
        received += 1
        let arrival = plan.append(.receive(from: previous), slots[slot], bytes: segment.count, after: slotUser[slot])
        let own = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        let addition = plan.append(.add(slots[slot], own), own, bytes: segment.count, after: arrival)
        slotUser[slot] = addition
        ready[chunk][index] = addition
      }
    }
    for turn in 0..<members.count - 1 {
      send(neighbour(1 - turn))
      let chunk = neighbour(-turn)
      for (index, segment) in chunks[chunk].enumerated() {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        ready[chunk][index] = plan.append(
          .receive(from: previous), region, bytes: segment.count, after: sent[chunk][index])
      }
    }
    return plan
  }
}
