import Collectives
import Schedules
import Testing

/// The matrix of gloo's own tests: ranks × elements, in place, with the segments' size as a third axis.
struct GroupCase: CustomTestStringConvertible, Sendable {
  let size: Int
  let count: Int
  let segmentBytes: Int
  let exchangeLimit: Int

  var testDescription: String {
    "\(size) ranks, \(count) floats, segments of \(segmentBytes), exchange up to \(exchangeLimit)"
  }

  var settings: Settings { tinySettings(segmentBytes: segmentBytes, exchangeLimit: exchangeLimit) }

  static let matrix = [1, 2, 3, 4, 7].flatMap { size in
    [0, 1, 10, 100, 1000, 10_000, 65_537].flatMap { count in
      [
        GroupCase(size: size, count: count, segmentBytes: 256 << 10, exchangeLimit: 64 << 10),
        GroupCase(size: size, count: count, segmentBytes: 4096, exchangeLimit: 0),
        GroupCase(size: size, count: min(count, 1000), segmentBytes: 64, exchangeLimit: 0),
      ]
    }
  }
}

@Suite("A group over links in memory")
struct GroupTests {
  @Test(
    "sums to within rounding of the naive sum, with the same bits on every rank and in a second run",
    arguments: GroupCase.matrix)
  func sums(_ test: GroupCase) throws {
    let naive = (0..<test.count).map { _ in 0.0 }
    let terms = (0..<test.size).map { vector(rank: $0, count: test.count) }
    let expected = terms.reduce(naive) { sum, term in zip(sum, term).map { $0 + Double($1) } }
    func run() throws -> [[Float]] {
      try RankThreads.run(try MemoryGroup.make(size: test.size, settings: test.settings)) { group in
        var values = vector(rank: group.rank, count: test.count + 1)
        values[test.count] = 42
        try values.withUnsafeMutableBufferPointer {
          try group.allReduce($0.baseAddress!, count: test.count, name: "values", step: 1)
        }
        try group.leave()
        return values
      }
    }
    let first = try run()
    for (rank, values) in first.enumerated() {
      #expect(values[test.count] == 42, "rank \(rank) wrote behind the vector")
      #expect(values.map(\.bitPattern) == first[0].map(\.bitPattern), "rank \(rank) has other bits than rank 0")
    }
    let largest = expected.map(abs).max() ?? 0
    for (sum, value) in zip(expected, first[0]) { #expect(abs(sum - Double(value)) <= 1e-5 * largest) }
    #expect(try run() == first)
  }

  @Test(
    "sums over the fixed tree have the bits of one process, whoever holds the leaves", arguments: [2, 3, 4, 5, 7],
    [1, 2, 4, 5, 8, 13])
  func ordered(size: Int, leaves: Int) throws {
    let count = 3001
    let all = (0..<leaves).map { vector(rank: $0, count: count) }
    @Sendable func subtreeSum(_ range: Range<Int>) -> [Float] {
      if range.count == 1 { return all[range.lowerBound] }
      let cut = SummationTree.cut(range)
      return zip(subtreeSum(range.lowerBound..<cut), subtreeSum(cut..<range.upperBound)).map { $0 + $1 }
    }
    let expected = subtreeSum(0..<leaves)
    // Even shares, and shares that leave the first or the last rank without a leaf.
    let even = (0..<size).map { ($0 * leaves + size - 1) / size..<(($0 + 1) * leaves + size - 1) / size }
    let late = (0..<size).map { $0 == size - 1 ? 0..<leaves : 0..<0 }
    let early = (0..<size).map { $0 == 0 ? 0..<leaves : leaves..<leaves }
    for shares in [even, late, early] {
      let results = try RankThreads.run(try MemoryGroup.make(size: size, settings: tinySettings(segmentBytes: 1024))) {
        group in
        let parts = SummationTree(leaves: leaves).subtrees(covering: shares[group.rank])
        let sums = parts.isEmpty ? [[Float](repeating: .nan, count: count)] : parts.map(subtreeSum)
        let buffers = sums.map { sum in
          let buffer = UnsafeMutablePointer<Float>.allocate(capacity: count)
          buffer.initialize(from: sum, count: count)
          return buffer
        }
        defer { buffers.forEach { $0.deallocate() } }
        try group.allReduceOrdered(shares: shares, buffers: buffers, count: count, name: "ordered", step: 1)
        try group.leave()
        return Array(UnsafeBufferPointer(start: buffers[0], count: count))
      }
      for result in results { #expect(result.map(\.bitPattern) == expected.map(\.bitPattern)) }
    }
  }

  @Test("an ordered sum whose ranks know their own leaves alone is the same sum")
  func orderedByContributions() throws {
    let results = try RankThreads.run(try MemoryGroup.make(size: 3)) { group in
      var value: [Float] = group.rank < 2 ? [Float(group.rank) + 0.25] : [-1]
      try value.withUnsafeMutableBufferPointer {
        let range = group.rank < 2 ? group.rank..<group.rank + 1 : 0..<0
        try group.allReduceOrdered(
          leaves: 2, contributions: [Contribution(range: range, buffer: $0.baseAddress!)], count: 1, name: "x", step: 0)
      }
      try group.leave()
      return value
    }
    #expect(results == [[1.5], [1.5], [1.5]])
  }

  @Test(
    "gathers everyone's bytes in rank order, whatever their lengths", arguments: [1, 2, 3, 4, 7],
    [0, 3, 248, 249, 5000])
  func gathers(size: Int, length: Int) throws {
    @Sendable func block(_ rank: Int) -> [UInt8] {
      (0..<(length * (rank + 1) / size)).map { UInt8(truncatingIfNeeded: $0 * 7 + rank) }
    }
    let results = try RankThreads.run(try MemoryGroup.make(size: size, settings: tinySettings())) { group in
      defer { try? group.leave() }
      return try group.allGather(block(group.rank), name: "blocks", step: 3)
    }
    for result in results { #expect(result == (0..<size).map(block)) }
  }

  @Test("copies the root's bytes to everyone", arguments: [1, 2, 3, 5], [0, 1, 63, 1000])
  func broadcasts(size: Int, count: Int) throws {
    for root in [0, size - 1] {
      let results = try RankThreads.run(try MemoryGroup.make(size: size, settings: tinySettings())) { group in
        var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 + group.rank * 31) }
        try bytes.withUnsafeMutableBytes { try group.broadcast($0, root: root, name: "bytes", step: 0) }
        try group.barrier(name: "after", step: 0)
        try group.leave()
        return bytes
      }
      for result in results { #expect(result == (0..<count).map { UInt8(truncatingIfNeeded: $0 + root * 31) }) }
    }
  }

  @Test("operations begun together run in their order and overlap with the caller's work", arguments: [2, 4])
  func works(size: Int) throws {
    let counts = [5, 100_000, 1, 70_000]
    let results = try RankThreads.run(try MemoryGroup.make(size: size)) { group in
      let buffers = counts.map { count in
        let buffer = UnsafeMutablePointer<Float>.allocate(capacity: count)
        buffer.initialize(repeating: Float(group.rank + 1), count: count)
        return buffer
      }
      defer { buffers.forEach { $0.deallocate() } }
      let works = try zip(buffers, counts).map { try group.start($0, count: $1, name: "bucket \($1)", step: 1) }
      for work in works { try work.wait() }
      try group.leave()
      return zip(buffers, counts).allSatisfy { buffer, count in
        UnsafeBufferPointer(start: buffer, count: count).allSatisfy { $0 == Float(size * (size + 1) / 2) }
      }
    }
    #expect(results.allSatisfy { $0 })
  }
}
