import Schedules
import Testing

@Suite("Schedules")
struct ScheduleTests {
  private func sum(_ count: Int) -> CollectiveOperation {
    CollectiveOperation(.sum, name: "sum", step: 0, count: count)
  }

  private func bytesSent(_ schedule: Schedule) -> Int {
    schedule.sends.joined().reduce(0) { $0 + schedule.steps[$1].bytes }
  }

  @Test("a ring sends exactly 2 (p - 1) / p of the vector from every rank", arguments: [2, 3, 4, 8])
  func ringTraffic(size: Int) {
    let count = 16 * size * 10
    for rank in 0..<size {
      let planner = Planner(rank: rank, size: size, segmentBytes: 256, exchangeLimit: 0)
      #expect(bytesSent(planner.schedule(for: sum(count))) == 2 * (size - 1) * count * 4 / size)
    }
  }

  @Test("an ordered sum with one subtree a rank sends as little as a ring", arguments: [2, 4, 8])
  func orderedTraffic(size: Int) {
    var operation = CollectiveOperation(.orderedSum, name: "sum", step: 0, count: 16 * size * 10)
    operation.shares = (0..<size).map { 2 * $0..<2 * ($0 + 1) }
    for rank in 0..<size {
      let schedule = Planner(rank: rank, size: size, segmentBytes: 256).schedule(for: operation)
      #expect(bytesSent(schedule) == 2 * (size - 1) * operation.count * 4 / size)
    }
  }

  @Test("what one rank sends another is what the other receives, segment by segment", arguments: [2, 3, 5])
  func transfersMatch(size: Int) {
    var ordered = CollectiveOperation(.orderedSum, name: "sum", step: 0, count: 1000)
    ordered.shares = (0..<size).map { $0 == 0 ? 0..<5 : 4 + $0..<5 + $0 }
    var broadcast = CollectiveOperation(.broadcast, name: "bytes", step: 0, count: 1000)
    broadcast.root = size - 1
    var gather = CollectiveOperation(.gather, name: "blocks", step: 0, count: 0)
    gather.lengths = (0..<size).map { $0 * 100 }
    var allToAll = CollectiveOperation(.allToAll, name: "parts", step: 0, count: 0)
    allToAll.lengths = gather.lengths
    for operation in [
      sum(1000), sum(3), ordered, broadcast, gather, allToAll,
      CollectiveOperation(.barrier, name: "b", step: 0, count: 0),
    ] {
      for limit in [0, 1 << 20] {
        let plans = (0..<size).map {
          Planner(rank: $0, size: size, segmentBytes: 128, exchangeLimit: limit).schedule(for: operation)
        }
        for from in 0..<size {
          for to in 0..<size where to != from {
            let sent = plans[from].sends[to].map { plans[from].steps[$0].bytes }
            let received = plans[to].receives[from].map { plans[to].steps[$0].bytes }
            #expect(sent == received, "\(operation.kind) from \(from) to \(to)")
          }
        }
      }
    }
  }

  @Test("scratch memory stays at a few segments, however long the vector")
  func scratch() {
    let ring = Planner(rank: 1, size: 4, segmentBytes: 4096, exchangeLimit: 0).schedule(for: sum(1 << 20))
    #expect(ring.scratchBytes == 2 * 4096)
    var operation = CollectiveOperation(.orderedSum, name: "sum", step: 0, count: 1 << 20)
    operation.shares = [0..<2, 2..<4, 4..<6, 6..<8]
    let ordered = Planner(rank: 1, size: 4, segmentBytes: 4096).schedule(for: operation)
    #expect(ordered.scratchBytes == 3 * 2 * 4096)
  }
}

@Suite("Subtrees of the summation tree")
struct SubtreeTests {
  @Test("cuts with the larger half to the left")
  func cut() {
    #expect(SummationTree.cut(0..<5) == 3)
    #expect(SummationTree.cut(3..<5) == 4)
    #expect(SummationTree(leaves: 5).subtrees(covering: 1..<5) == [1..<2, 2..<3, 3..<5])
  }

  @Test("covers every range exactly, in order, with nodes that no larger node would replace", arguments: 1...17)
  func covers(leaves: Int) {
    let tree = SummationTree(leaves: leaves)
    for low in 0...leaves {
      for high in low...leaves {
        let parts = tree.subtrees(covering: low..<high)
        #expect(parts.flatMap { Array($0) } == Array(low..<high))
        #expect(parts.count <= 10)
      }
    }
    #expect(tree.subtrees(covering: 0..<leaves) == [0..<leaves])
  }
}
