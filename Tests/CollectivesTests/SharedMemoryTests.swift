import Collectives
import Diagnostics
import Glibc
import Schedules
import Testing

@Suite("A group in shared memory")
struct SharedMemoryTests {
  /// Ranks, elements, and up to how many bytes a sum is exchanged whole.
  struct Case: CustomTestStringConvertible, Sendable {
    let size: Int
    let count: Int
    let exchangeLimit: Int
    var testDescription: String { "\(size) ranks, \(count) floats, exchange up to \(exchangeLimit)" }

    // 200,003 floats are several pieces, more than there are slots.
    static let all = [2, 3, 4, 7].flatMap { size in
      [0, 1, 10, 1000, 65_537, 600_003].flatMap { count in
        [0, 64 << 10].map { Case(size: size, count: count, exchangeLimit: $0) }
      }
    }
  }

  @Test("sums to the bits that links give, on every rank, and writes nothing behind the vector", arguments: Case.all)
  func sums(_ test: Case) throws {
    func run(_ links: MemoryGroup.Links) throws -> [[UInt32]] {
      let settings = tinySettings(segmentBytes: 4096, exchangeLimit: test.exchangeLimit)
      return try RankThreads.run(try MemoryGroup.make(size: test.size, settings: settings, links: links)) { group in
        var values = vector(rank: group.rank, count: test.count + 1)
        values[test.count] = 42
        // Twice, so that slots are used again.
        for step in 0..<2 {
          try values.withUnsafeMutableBufferPointer {
            try group.allReduce($0.baseAddress!, count: test.count, name: "values", step: step)
          }
        }
        try group.leave()
        return values.map(\.bitPattern)
      }
    }
    let shared = try run(.sharedMemory)
    let linked = try run(.pipes)
    for rank in shared.indices {
      #expect(shared[rank].last == Float(42).bitPattern)
      let difference = zip(shared[rank], linked[0]).enumerated().first { $1.0 != $1.1 }
      #expect(difference == nil, "rank \(rank) differs at element \(difference?.offset ?? -1)")
    }
  }

  @Test("gathers everyone's bytes, of unequal lengths, in place", arguments: [2, 3, 4, 7], [1, 50_000, 400_001])
  func gathers(size: Int, unit: Int) throws {
    // One rank brings nothing, and the longest brings several slots.
    let lengths = (0..<size).map { $0 * unit }
    let expected = (0..<size).flatMap { rank in (0..<lengths[rank]).map { UInt8(truncatingIfNeeded: $0 / 7 + rank) } }
    let groups = try MemoryGroup.make(size: size, links: .sharedMemory)
    let outcomes = try RankThreads.run(groups) { group in
      let start = lengths[..<group.rank].reduce(0, +)
      var isRight = true
      for step in 0..<2 {
        var bytes = [UInt8](repeating: 255, count: expected.count)
        let own = start..<start + lengths[group.rank]
        bytes.replaceSubrange(own, with: expected[own])
        try bytes.withUnsafeMutableBytes { try group.allGather(in: $0, lengths: lengths, name: "blocks", step: step) }
        isRight = isRight && bytes.elementsEqual(expected)
      }
      // Short ones go over links.
      let sent = group.bytesSent
      try group.leave()
      return isRight && (expected.count <= 64 << 10 || sent == 0)
    }
    #expect(outcomes.allSatisfy { $0 }, "\(outcomes)")
  }

  @Test(
    "sums vectors that all ranks reach where they lie, to the bits of other memory, and writes nothing around them",
    // The longest is more than one piece.
    arguments: [(2, 10), (2, 17_001), (2, 1_100_003), (3, 65_537), (4, 17_001), (7, 20_000)], [false, true])
  func sumsInPlace(_ test: (size: Int, count: Int), isOrdered: Bool) throws {
    let (size, count) = test
    let right = try RankThreads.run(try MemoryGroup.make(size: size, links: .sharedMemory)) { group in
      @Sendable func sum(_ values: UnsafeMutablePointer<Float>, step: Int) throws {
        guard isOrdered else { return try group.allReduce(values, count: count, name: "values", step: step) }
        let shares = (0..<size).map { $0..<$0 + 1 }
        try group.allReduceOrdered(shares: shares, buffers: [values], count: count, name: "values", step: step)
      }
      let terms = vector(rank: group.rank, count: count)
      var expected = terms
      try expected.withUnsafeMutableBufferPointer { try sum($0.baseAddress!, step: 0) }
      let shared = try #require(group.makeSharedVector(count: count + 10))
      var isRight = (0..<count + 10).allSatisfy { shared.pointer[$0] == 0 }
      // Not at the vector's beginning, nor in everyone's at the same place.
      let values = shared.pointer + 1 + group.rank
      for step in 1...2 {
        (values - 1).pointee = 42
        values.update(from: terms, count: count)
        (values + count).pointee = 42
        try sum(values, step: step)
        isRight = isRight && memcmp(values, expected, count * 4) == 0 && values[-1] == 42 && values[count] == 42
      }
      try group.leave()
      return isRight
    }
    #expect(right.allSatisfy { $0 }, "\(right)")
  }

  @Test("a rank that brings memory of its own where the others bring shared vectors is named on all ranks")
  func otherMemory() throws {
    let verdicts = try RankThreads.run(try MemoryGroup.make(size: 3, links: .sharedMemory)) { group in
      let shared = group.makeSharedVector(count: 100_000)!
      var own = [Float](repeating: 1, count: 100_000)
      do {
        try own.withUnsafeMutableBufferPointer {
          let values = group.rank == 2 ? $0.baseAddress! : shared.pointer
          try group.allReduce(values, count: 100_000, name: "values", step: 1)
        }
        return nil as Verdict?
      } catch let error as GroupError {
        return error.verdict
      }
    }
    for verdict in verdicts {
      #expect(verdict?.rank == 2 && verdict?.cause == .disagreed, "\(String(describing: verdict))")
    }
  }

  @Test(
    "sums over the fixed tree have the bits of one process, whoever holds the leaves", arguments: [2, 3, 4, 7],
    [1, 2, 5, 8, 13])
  func ordered(size: Int, leaves: Int) throws {
    let count = 50_001
    let all = (0..<leaves).map { vector(rank: $0, count: count) }
    @Sendable func subtreeSum(_ range: Range<Int>) -> [Float] {
      if range.count == 1 { return all[range.lowerBound] }
      let cut = SummationTree.cut(range)
      return zip(subtreeSum(range.lowerBound..<cut), subtreeSum(cut..<range.upperBound)).map { $0 + $1 }
    }
    let expected = subtreeSum(0..<leaves).map(\.bitPattern)
    let even = SummationTree.shares(leaves: leaves, ranks: size)
    let late = (0..<size).map { $0 == size - 1 ? 0..<leaves : 0..<0 }
    for shares in [even, late] {
      let same = try RankThreads.run(try MemoryGroup.make(size: size, links: .sharedMemory)) { group in
        let parts = SummationTree(leaves: leaves).subtrees(covering: shares[group.rank])
        var sums = parts.isEmpty ? [[Float](repeating: .nan, count: count)] : parts.map(subtreeSum)
        let buffers = sums.indices.map { index in
          sums[index].withUnsafeMutableBufferPointer { sum in
            let buffer = UnsafeMutablePointer<Float>.allocate(capacity: count)
            buffer.initialize(from: sum.baseAddress!, count: count)
            return buffer
          }
        }
        defer { buffers.forEach { $0.deallocate() } }
        try group.allReduceOrdered(shares: shares, buffers: buffers, count: count, name: "ordered", step: 1)
        try group.leave()
        return zip(UnsafeBufferPointer(start: buffers[0], count: count), expected).allSatisfy { $0.bitPattern == $1 }
      }
      #expect(same.allSatisfy { $0 }, "\(same)")
    }
  }

  @Test("operations begun together run in their order, mixed with gathers over the links", arguments: [2, 3])
  func works(size: Int) throws {
    let counts = [5, 300_000, 1, 70_000]
    let right = try RankThreads.run(try MemoryGroup.make(size: size, links: .sharedMemory)) { group in
      let buffers = counts.map { count in
        let buffer = UnsafeMutablePointer<Float>.allocate(capacity: count)
        buffer.initialize(repeating: Float(group.rank + 1), count: count)
        return buffer
      }
      defer { buffers.forEach { $0.deallocate() } }
      let works = try zip(buffers, counts).map { try group.start($0, count: $1, name: "bucket \($1)", step: 1) }
      let blocks = try group.allGather([UInt8(group.rank)], name: "ranks", step: 1)
      for work in works { try work.wait() }
      try group.leave()
      return blocks == (0..<size).map { [UInt8($0)] }
        && zip(buffers, counts).allSatisfy { buffer, count in
          UnsafeBufferPointer(start: buffer, count: count).allSatisfy { $0 == Float(size * (size + 1) / 2) }
        }
    }
    #expect(right.allSatisfy { $0 })
  }

  @Test("a rank that brings another sum at the same place is named on all ranks")
  func disagreement() throws {
    let verdicts = try RankThreads.run(try MemoryGroup.make(size: 3, links: .sharedMemory)) { group in
      var values = [Float](repeating: 1, count: 1000)
      let count = group.rank == 2 ? 500 : 1000
      do {
        try values.withUnsafeMutableBufferPointer {
          try group.allReduce($0.baseAddress!, count: count, name: "values", step: 1)
        }
        return nil as Verdict?
      } catch let error as GroupError {
        return error.verdict
      }
    }
    for verdict in verdicts {
      #expect(verdict?.rank == 2 && verdict?.cause == .disagreed, "\(String(describing: verdict))")
    }
  }
}

@Suite(
  "Ranks of one host that sum over TCP", .serialized, .enabled(if: Launch.isPossible, "there is no /usr/bin/mpirun"))
struct TCPLaunchTests {
  private let environment = ["LOCKSTEP_PROBE_LINKS": "tcp"]

  @Test("sum right and part in order")
  func sums() throws {
    let result = try Launch(ranks: 3, scenario: "sums", environment: environment).run()
    #expect(result.status == 0, "\(result.output)")
    #expect(result.verdicts.isEmpty && result.orphans.isEmpty)
  }

  @Test("name a rank that dies in the middle of a sum", arguments: ["reduce-scatter", "all-gather"])
  func death(point: String) throws {
    let fault = "rank:1,point:\(point),number:2,do:kill"
    let result = try Launch(ranks: 3, scenario: "long", fault: fault, environment: environment).run()
    #expect(result.verdicts.keys.sorted() == [0, 2], "\(result.output)")
    for (_, verdict) in result.verdicts { #expect(verdict.rank == 1 && verdict.cause == .died, "\(verdict)") }
    #expect(result.orphans.isEmpty)
  }
}
