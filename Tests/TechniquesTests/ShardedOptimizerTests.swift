import Collectives
import Lockstep
import TestSupport
import Testing

/// Ranks that each update their own part of the weights come to the bits of ranks that update all of them.
@Suite struct ShardedOptimizerTests {
  private static let plain = Combination(techniques: [])
  private static let combinations = [plain] + Combination.most

  private static func setting(
    _ combination: Combination = plain, _ rule: Combination.Rule = .adamW, isSharded: Bool = true
  ) -> RunBits.Setting {
    RunBits.Setting(combination: combination, rule: rule, isSharded: { _ in isSharded })
  }

  @Test(
    "1, 2, 3 and 4 ranks give one hash, that of one which shares nothing", arguments: combinations,
    Combination.Rule.allCases)
  func sameBits(_ combination: Combination, rule: Combination.Rule) throws {
    let alone = try RunBits.of(ranks: 1, Self.setting(combination, rule, isSharded: false))
    for ranks in 1...4 {
      #expect(try RunBits.of(ranks: ranks, Self.setting(combination, rule)) == alone, "\(ranks) ranks")
    }
  }

  @Test("a step that all ranks skip is skipped by all parts")
  func overflow() throws {
    var setting = Self.setting(isSharded: false)
    setting.precision = .fp16
    let alone = try RunBits.of(ranks: 1, setting)
    setting.isSharded = { _ in true }
    for ranks in 2...3 { #expect(try RunBits.of(ranks: ranks, setting) == alone, "\(ranks) ranks") }
  }

  @Test(
    "with reduction ring, and with fewer bits on the wire, the bits are those of as many ranks",
    arguments: [Recipe.Reduction.ring, Recipe.Reduction(.ring, wire: .int8)])
  func ring(reduction: Recipe.Reduction) throws {
    for ranks in 2...3 {
      var setting = Self.setting(Combination.most[0], isSharded: false)
      setting.reduction = reduction
      let whole = try RunBits.of(ranks: ranks, setting)
      setting.isSharded = { _ in true }
      #expect(try RunBits.of(ranks: ranks, setting) == whole, "\(ranks) ranks")
    }
  }

  @Test(
    "stopped and resumed with and without parts, on other numbers of ranks, a run comes to one hash",
    arguments: Combination.Rule.allCases)
  func resumed(rule: Combination.Rule) throws {
    let schedule = ResumeSchedule(pieces: [
      .init(ranks: 3, cut: .init(step: 1, rank: 2, manner: .stop)),
      .init(ranks: 4, cut: .init(step: 3, rank: 0, manner: .stop)), .init(ranks: 2),
    ])
    var setting = Self.setting(Combination.most[0], rule, isSharded: false)
    let alone = try RunBits.of(ranks: 1, setting)
    for isShardedFirst in [true, false] {
      setting.isSharded = { ($0 % 2 == 0) == isShardedFirst }
      #expect(try RunBits.of(schedule, setting) == alone)
    }
    setting.isSharded = { _ in true }
    #expect(try RunBits.of(schedule, setting) == alone)
  }

  @Test("a checkpoint has the files and bytes of ranks that hold all moments", arguments: [2, 3])
  func checkpoint(ranks: Int) throws {
    let whole = try RunBits.checkpoint(ranks: ranks, Self.setting(Combination.most[0], isSharded: false))
    #expect(whole.keys.contains("second_moment.part-01-of-0\(ranks).safetensors"), "\(whole.keys)")
    #expect(try RunBits.checkpoint(ranks: ranks, Self.setting(Combination.most[0])) == whole)
  }

  @Test("on separate disks rank 0's checkpoint has the files and bytes of one process", arguments: [2, 4])
  func separateDisks(ranks: Int) throws {
    let alone = try RunBits.checkpoint(ranks: 1, Self.setting(Combination.most[0], isSharded: false))
    #expect(alone.keys.contains("second_moment.safetensors"))
    #expect(try RunBits.checkpoint(ranks: ranks, Self.setting(Combination.most[0]), areApart: true) == alone)
  }

  @Test("each rank holds its part of all moments, as large as the others' to within a cache line", arguments: 1...4)
  func memory(ranks: Int) throws {
    var next = 0
    for rank in 0..<ranks {
      let parts = try Combination.most[0].parts(microbatch: 1, place: (rank, ranks))
      let count = parts.state.layout.count
      #expect(parts.optimizer.state.count == 3)
      for (name, arena) in parts.optimizer.state {
        #expect(
          arena.range.lowerBound == next && abs(arena.count - count / ranks) <= 64, "\(name) \(arena.range) of \(count)"
        )
      }
      next = try #require(parts.shards).own.upperBound
      if rank == ranks - 1 { #expect(next == count) }
    }
  }

  @Test("the hash of moments in parts is that of the whole, wherever blocks are cut", arguments: 2...5)
  func hash(ranks: Int) throws {
    let layout = ArenaLayout([("a", [700, 700]), ("b", [3]), ("c", [900, 901])])
    let hashes = try Ranks.run(ranks) { group in
      let shards = OptimizerShards(layout, rank: group.rank, of: group.size)
      let whole = Arena(layout: layout)
      for (index, element) in layout.slices.flatMap(\.range).enumerated() { whole.pointer[element] = Float(index) }
      let part = Arena(layout: layout, range: shards.own)
      part.copy(from: whole)
      let hash = try shards.hash(
        part, name: "test", over: DataParallelGroup(group), step: 0, workers: Workers(count: 1))
      return (hash, WeightHash.hash(whole))
    }
    for (hash, whole) in hashes { #expect(hash == whole) }
  }
}
