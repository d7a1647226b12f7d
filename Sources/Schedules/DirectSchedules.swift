extension Planner {
  /// Everyone sends its whole vector to everyone and adds all of them in rank order: p - 1 messages, one latency.
  func exchange(bytes: Int) -> Schedule {
    var plan = Schedule(size: size)
    let own = Schedule.Region(buffer: 0, offset: 0)
    let segments = Cutting.segments(0..<bytes, of: segmentBytes)
    let vectors = (0..<size).map { $0 == rank ? own : plan.takeScratch(bytes) }
    let total = plan.takeScratch(bytes)
    for segment in segments {
      // Staggered, so that no rank is everyone's first target.
      var sends: [Int] = []
      for distance in 1..<size {
        sends.append(
          plan.append(.send(to: neighbour(distance)), own.advanced(by: segment.lowerBound), bytes: segment.count))
      }
      var arrivals: [Int?] = Array(repeating: nil, count: size)
      for distance in 1..<size {
        let peer = neighbour(-distance)
        let region = vectors[peer].advanced(by: segment.lowerBound)
        arrivals[peer] = plan.append(.receive(from: peer), region, bytes: segment.count)
      }
      let here = vectors.map { $0.advanced(by: segment.lowerBound) }
      var sum = here[0]
      var last = arrivals[0]
      for peer in 1..<size {
        // The last addition writes to memory that is still being sent until the sends are done.
        let target = peer == size - 1 ? here[rank] : total.advanced(by: segment.lowerBound)
        let waits = [last, arrivals[peer]].compactMap { $0 } + (peer == size - 1 ? sends : [])
        last = plan.append(.add(sum, here[peer]), target, bytes: segment.count, after: waits)
        sum = target
      }
    }
    return plan
  }

  /// Two ranks send each other the whole vector, segment by segment, and both add up all of it: as many bytes as round a ring of
  /// two, in one round instead of two, for twice the additions. The operands stand in the ring's order, so the bits are the ring's.
  func pairExchange(bytes: Int) -> Schedule {
    var plan = Schedule(size: size)
    let slots = (0..<2).map { _ in plan.takeScratch(min(segmentBytes, bytes)) }
    var slotUser: [Int?] = [nil, nil]
    var received = 0
    for first in 0..<2 {
      for segment in Cutting.segments(Cutting.chunk(first, of: 2, bytes: bytes), of: segmentBytes) {
        let own = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        let slot = received % slots.count
        let departure = plan.append(.send(to: 1 - rank), own, bytes: segment.count)
        let arrival = plan.append(.receive(from: 1 - rank), slots[slot], bytes: segment.count, after: slotUser[slot])
        let addition: Schedule.Step.Action = first == rank ? .add(own, slots[slot]) : .add(slots[slot], own)
        slotUser[slot] = plan.append(addition, own, bytes: segment.count, after: departure, arrival)
        received += 1
      }
    }
    return plan
  }

  /// Everyone sends its bytes to everyone. Buffer 0 holds all ranks' bytes in rank order; this rank's are there already.
  func gather(lengths: [Int]) -> Schedule {
    var plan = Schedule(size: size)
    var starts = [0]
    for length in lengths { starts.append(starts.last! + length) }
    for distance in 1..<size {
      for segment in Cutting.segments(starts[rank]..<starts[rank + 1], of: segmentBytes) {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        plan.append(.send(to: neighbour(distance)), region, bytes: segment.count)
      }
      let peer = neighbour(-distance)
      for segment in Cutting.segments(starts[peer]..<starts[peer + 1], of: segmentBytes) {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        plan.append(.receive(from: peer), region, bytes: segment.count)
      }
    }
    return plan
  }

  /// Sends each rank its own part. Buffer 1 holds this rank's parts for all ranks, in rank order and of these
  /// lengths; buffer 0 takes what all ranks have for this one.
  func allToAll(lengths: [Int]) -> Schedule {
    var plan = Schedule(size: size)
    var starts = [0]
    for length in lengths { starts.append(starts.last! + length) }
    let own = lengths[rank]
    let kept = Schedule.Region(buffer: 1, offset: starts[rank])
    plan.append(.copy(kept), Schedule.Region(buffer: 0, offset: rank * own), bytes: own)
    for distance in 1..<size {
      let reader = neighbour(distance)
      for segment in Cutting.segments(starts[reader]..<starts[reader + 1], of: segmentBytes) {
        let region = Schedule.Region(buffer: 1, offset: segment.lowerBound)
        plan.append(.send(to: reader), region, bytes: segment.count)
      }
      let writer = neighbour(-distance)
      for segment in Cutting.segments(writer * own..<(writer + 1) * own, of: segmentBytes) {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        plan.append(.receive(from: writer), region, bytes: segment.count)
      }
    }
    return plan
  }

  /// A chain from the root round the ring, segment by segment: each link carries the bytes once.
  func broadcast(bytes: Int, root: Int) -> Schedule {
    var plan = Schedule(size: size)
    let isLast = neighbour(1) == root
    for segment in Cutting.segments(0..<bytes, of: segmentBytes) {
      let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
      var arrival: Int?
      if rank != root { arrival = plan.append(.receive(from: neighbour(-1)), region, bytes: segment.count) }
      if !isLast { plan.append(.send(to: neighbour(1)), region, bytes: segment.count, after: arrival) }
    }
    return plan
  }
}
