/// A sum in three operations: inside each host, between the hosts, inside each host again.
///
///     hostScatter   rank l of each host adds up chunk l of the vector, over the ranks of its host in rank order
///     peerSum       the ranks l of all hosts sum chunk l round a ring
///     hostGather    everyone takes all chunks from the ranks of its host
///
/// Of a host with L ranks each sends 2 (H - 1) / H of n / L to another host, so that L processes drive the network at once.
/// Where ranks of a host share memory, it takes the place of the first and the last schedule, with the same bits.
extension Planner {
  /// The chunk of a vector that the rank at `place` of each host takes to the others.
  func chunk(_ place: Int, bytes: Int) -> Range<Int> { Cutting.chunk(place, of: hosts.owners, bytes: bytes) }

  func hostScatter(bytes: Int) -> Schedule {
    var plan = Schedule(size: size)
    let ranks = hosts.neighbours
    for distance in 1..<max(1, ranks.count) {
      let target = (hosts.place + distance) % ranks.count
      guard target < hosts.owners else { continue }
      for segment in Cutting.segments(chunk(target, bytes: bytes), of: segmentBytes) {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        plan.append(.send(to: ranks[target]), region, bytes: segment.count)
      }
    }
    if hosts.place < hosts.owners { addHostChunk(&plan, bytes: bytes) }
    return plan
  }

  /// Receives this rank's chunk from everyone of its host and adds it up in rank order, a segment at a time into two sets of
  /// scratch memory.
  private func addHostChunk(_ plan: inout Schedule, bytes: Int) {
    let ranks = hosts.neighbours
    let segments = Cutting.segments(chunk(hosts.place, bytes: bytes), of: segmentBytes)
    let longest = segments.map(\.count).max() ?? 0
    let scratch = (0..<2).map { _ in ranks.map { $0 == rank ? nil : plan.takeScratch(longest) } }
    var totals: [Int?] = []
    for (index, segment) in segments.enumerated() {
      let own = Schedule.Region(buffer: 0, offset: segment.lowerBound)
      var sum: (region: Schedule.Region, ready: Int?)?
      for (place, region) in scratch[index % 2].enumerated() {
        let arrival = region.map {
          plan.append(
            .receive(from: ranks[place]), $0, bytes: segment.count, after: index < 2 ? nil : totals[index - 2])
        }
        guard let left = sum else {
          sum = (region ?? own, arrival)
          continue
        }
        // This rank's own term is still needed where it lies until it is added.
        let target = place < hosts.place ? left.region : own
        let addition = plan.append(
          .add(left.region, region ?? own), target, bytes: segment.count, after: left.ready, arrival)
        sum = (target, addition)
      }
      totals.append(sum?.ready)
    }
  }

  func peerSum(bytes: Int) -> Schedule {
    guard hosts.members.count > 1, hosts.place < hosts.owners else { return Schedule(size: size) }
    return ring(over: hosts.members.map { $0[hosts.place] }, chunk(hosts.place, bytes: bytes))
  }

  func hostGather(bytes: Int) -> Schedule {
    var plan = Schedule(size: size)
    let ranks = hosts.neighbours
    for distance in 1..<max(1, ranks.count) {
      if hosts.place < hosts.owners {
        for segment in Cutting.segments(chunk(hosts.place, bytes: bytes), of: segmentBytes) {
          let reader = ranks[(hosts.place + distance) % ranks.count]
          let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
          plan.append(.send(to: reader), region, bytes: segment.count)
        }
      }
      let owner = (hosts.place - distance + ranks.count) % ranks.count
      guard owner < hosts.owners else { continue }
      for segment in Cutting.segments(chunk(owner, bytes: bytes), of: segmentBytes) {
        let region = Schedule.Region(buffer: 0, offset: segment.lowerBound)
        plan.append(.receive(from: ranks[owner]), region, bytes: segment.count)
      }
    }
    return plan
  }
}
