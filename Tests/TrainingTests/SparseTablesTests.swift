import DataParallel
import Recipes
import Schedules
import Tensors
import TestSupport
import Testing

/// Of a table with few rows that are not zero, ranks add these rows alone, and nobody can tell from the result.
@Suite struct SparseTablesTests {
  private static let layout = ArenaLayout([
    ("before", [7]), ("words", [200, 24]), ("between", [3, 5]), ("places", [100, 24]), ("after", [130]),
  ])

  /// A gradient in which a rank touches its own rows of the tables, and everything else.
  private static func gradient(seed: Int, touching share: Int) -> Arena {
    let arena = Arena(layout: layout)
    func value(_ index: Int) -> Float { Float((index * 7919 + seed * 104_729) % 2003 - 1001) / 97 }
    for name in ["before", "between", "after"] {
      for index in arena[name]!.indices { arena[name]![index] = value(index) }
    }
    for (name, rows) in [("words", 200), ("places", 100)] {
      for row in 0..<rows where (row * 31 + seed * 17) % 100 < share {
        for column in 0..<24 { arena[name]![row * 24 + column] = value(row * 24 + column) }
      }
    }
    // A zero that is negative is none that may be left out.
    arena["words"]![199 * 24 + 5] = seed == 1 ? -0.0 : 0
    return arena
  }

  /// What each rank ends with, bit by bit.
  private func sums(
    ranks: Int, leaves: Int, share: Int, reduction: Recipe.Reduction, minimumRows: Int
  ) throws -> [[UInt32]] {
    try Ranks.run(ranks) { group in
      let replicas = DataParallelGroup(group, reduction: reduction, minimumTableRows: minimumRows, longestBucket: nil)
      let own = SummationTree.shares(leaves: leaves, ranks: ranks)[group.rank]
      let subtrees = SummationTree(leaves: leaves).subtrees(covering: own).map { leaves in
        (leaves: leaves, sum: Self.gradient(seed: leaves.lowerBound, touching: share))
      }
      let output = subtrees.first?.sum ?? Arena(layout: Self.layout)
      if subtrees.isEmpty { output.values.update(repeating: .nan) }
      try replicas.reduce(subtrees, of: leaves, output: output, name: "gradient", step: 0)
      return output.values.map(\.bitPattern)
    }
  }

  @Test(
    "the ordered sum has the bits of a dense one, on every rank, however many rows are touched",
    arguments: [2, 3, 4], [0, 3, 20, 70])
  func ordered(ranks: Int, share: Int) throws {
    for leaves in [1, ranks, 2 * ranks + 1] {
      let dense = try sums(ranks: ranks, leaves: leaves, share: share, reduction: .ordered, minimumRows: .max)
      let sparse = try sums(ranks: ranks, leaves: leaves, share: share, reduction: .ordered, minimumRows: 50)
      for rank in 0..<ranks {
        let difference = zip(sparse[rank], dense[0]).enumerated().first { $1.0 != $1.1 }
        #expect(difference == nil, "\(leaves) leaves, rank \(rank): element \(difference?.offset ?? -1)")
      }
    }
  }

  @Test("a ring of two ranks adds to the same bits", arguments: [0, 3, 70])
  func ring(share: Int) throws {
    let dense = try sums(ranks: 2, leaves: 4, share: share, reduction: .ring, minimumRows: .max)
    let sparse = try sums(ranks: 2, leaves: 4, share: share, reduction: .ring, minimumRows: 50)
    #expect(dense[0] == dense[1])
    #expect(sparse[0] == dense[0] && sparse[1] == dense[0])
  }
}
