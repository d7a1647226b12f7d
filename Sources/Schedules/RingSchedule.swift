extension Planner {
  /// Segments of a chunk that go round together.
  private static let burst = 4

  /// Ring all-reduce: a reduce-scatter and an all-gather, each of p - 1 rounds, in both directions of each link at once.
  ///
  ///     round t < p - 1:  chunk r - t goes to r + 1; chunk r - t - 1 comes from r - 1 and is added to ours
  ///     later rounds:     chunk r - t goes to r + 1, complete; chunk r - t - 1 comes from r - 1, complete
  ///
  /// A rank sends 2 (p - 1) / p n bytes. One rank computes each element and hands it round: all ranks have the same bits; which
  /// rank's term comes first depends on the chunk. A burst of segments begins its next round after the burst behind it has begun this
  /// one: what is passed on is still in the cache, and the link has something to carry until it is ready.
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
    // By chunk and segment: the step that last completed it here, and the one that last sent it.
    var ready: [[Int?]] = chunks.map { $0.map { _ in nil } }
    var sent = ready

    func send(_ chunk: Int, _ segment: Int) {
      let bytes = chunks[chunk][segment]
      let region = Schedule.Region(buffer: 0, offset: bytes.lowerBound)
      sent[chunk][segment] = plan.append(.send(to: next), region, bytes: bytes.count, after: ready[chunk][segment])
    }

    func receive(_ chunk: Int, _ segment: Int, isComplete: Bool) {
      let bytes = chunks[chunk][segment]
      let own = Schedule.Region(buffer: 0, offset: bytes.lowerBound)
      if isComplete {
        ready[chunk][segment] = plan.append(
          .receive(from: previous), own, bytes: bytes.count, after: sent[chunk][segment])
        return
      }
      let slot = received % slots.count
      received += 1
      let arrival = plan.append(.receive(from: previous), slots[slot], bytes: bytes.count, after: slotUser[slot])
      let addition = plan.append(.add(slots[slot], own), own, bytes: bytes.count, after: arrival)
      slotUser[slot] = addition
      ready[chunk][segment] = addition
    }

    let rounds = 2 * (members.count - 1)
    let longest = chunks.map(\.count).max() ?? 0
    let bursts = (longest + Self.burst - 1) / Self.burst
    for wave in 0..<bursts + rounds {
      for round in 0..<rounds where 0..<bursts ~= wave - round {
        let (outgoing, incoming) = (neighbour(-round), neighbour(-round - 1))
        let first = (wave - round) * Self.burst
        for segment in first..<min(first + Self.burst, longest) {
          if segment < chunks[outgoing].count { send(outgoing, segment) }
          if segment < chunks[incoming].count { receive(incoming, segment, isComplete: round >= members.count - 1) }
        }
      }
    }
    return plan
  }
}
