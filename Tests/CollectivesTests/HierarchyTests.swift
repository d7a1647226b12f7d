import Collectives
import Schedules
import Testing

@Suite("A sum inside hosts and between them")
struct HierarchyTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let hosts: [String]
    let count: Int
    let links: MemoryGroup.Links
    var testDescription: String { "\(hosts.joined()), \(count) floats, \(links)" }

    // Hosts of the same size, ranks dealt out in turn, hosts of different sizes, hosts of one rank, one host.
    static let all = ["aabb", "abab", "aabbcc", "aaab", "abbc", "abc", "aa"].flatMap { hosts in
      [0, 1, 300_003].flatMap { count in
        [MemoryGroup.Links.pipes, .sharedMemory].map {
          Case(hosts: hosts.map { String($0) }, count: count, links: $0)
        }
      }
    }

    var members: [[Int]] { HostMap(rank: 0, machines: hosts).members }
    var owners: Int { members.map(\.count).min()! }
  }

  /// The borders of chunks: whole lines of 16 floats, the last chunk takes the rest.
  private static func borders(_ parts: Int, count: Int) -> [Int] {
    (0...parts).map { $0 == parts ? count : count / 16 * $0 / parts * 16 }
  }

  /// By the definition: each host's sum in rank order, then of each part's chunk the hosts in turn, from the chunk's own.
  private static func expected(_ test: Case) -> [UInt32] {
    let vectors = test.hosts.indices.map { vector(rank: $0, count: test.count) }
    let hosts = test.members.map { ranks in
      ranks.dropFirst().reduce(vectors[ranks[0]]) { sum, rank in zip(sum, vectors[rank]).map { $0 + $1 } }
    }
    var sum = [Float](repeating: 0, count: test.count)
    let parts = borders(test.owners, count: test.count)
    for (start, end) in zip(parts, parts.dropFirst()) {
      let chunks = borders(hosts.count, count: end - start).map { start + $0 }
      for chunk in hosts.indices {
        for index in chunks[chunk]..<chunks[chunk + 1] {
          sum[index] = (1..<hosts.count).reduce(hosts[chunk][index]) { $0 + hosts[(chunk + $1) % hosts.count][index] }
        }
      }
    }
    return sum.map(\.bitPattern)
  }

  @Test("gives the bits of its definition on every rank, through shared memory and over links", arguments: Case.all)
  func sums(_ test: Case) throws {
    let settings = tinySettings(segmentBytes: 4096)
    let groups = try MemoryGroup.make(
      size: test.hosts.count, settings: settings, links: test.links, hosts: test.hosts)
    let results = try RankThreads.run(groups) { group in
      var values: [Float] = []
      // Twice, so that slots are used again; other operations between.
      for step in 0..<2 {
        values = vector(rank: group.rank, count: test.count) + [42]
        try values.withUnsafeMutableBufferPointer {
          try group.allReduceOverHosts($0.baseAddress!, count: test.count, name: "values", step: step)
        }
        try group.barrier(name: "between", step: step)
      }
      try group.leave()
      return values.map(\.bitPattern)
    }
    let expected = Self.expected(test) + [Float(42).bitPattern]
    for (rank, result) in results.enumerated() {
      let difference = zip(result, expected).enumerated().first { $1.0 != $1.1 }
      #expect(difference == nil, "rank \(rank) differs at element \(difference?.offset ?? -1)")
    }
  }

  @Test("between hosts each rank sends 2 (H - 1) / H of its part", arguments: ["aabb", "abcabc", "aabbccdd"])
  func traffic(hosts: String) throws {
    let test = Case(hosts: hosts.map { String($0) }, count: 16 * 8 * 9 * 10, links: .sharedMemory)
    let groups = try MemoryGroup.make(size: test.hosts.count, links: .sharedMemory, hosts: test.hosts)
    let sent = try RankThreads.run(groups) { group in
      var values = vector(rank: group.rank, count: test.count)
      try group.allReduceOverHosts(&values, count: test.count, name: "values", step: 0)
      let sent = group.bytesSent
      try group.leave()
      return sent
    }
    let (hostCount, part) = (test.members.count, test.count * 4 / test.owners)
    for bytes in sent { #expect(bytes == 2 * (hostCount - 1) * part / hostCount) }
  }

  @Test("ranks that disagree about a sum inside a host are told so")
  func disagreement() throws {
    let groups = try MemoryGroup.make(size: 4, links: .sharedMemory, hosts: ["a", "a", "b", "b"])
    let errors = try RankThreads.run(groups) { group in
      var values = vector(rank: group.rank, count: 1000)
      do {
        try group.allReduceOverHosts(&values, count: group.rank == 3 ? 999 : 1000, name: "values", step: 0)
        return ""
      } catch {
        return "\(error)"
      }
    }
    for error in errors { #expect(error.contains("calls operation") || error.contains("operation 0"), "\(error)") }
  }
}
