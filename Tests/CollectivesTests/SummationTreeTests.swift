import Schedules
import Testing

struct SummationTreeTests {
  @Test("The shares of equal ranks are contiguous, cover every leaf and differ by at most one", arguments: 1...9)
  func shares(ranks: Int) {
    for leaves in 0...64 {
      let shares = SummationTree.shares(leaves: leaves, ranks: ranks)
      #expect(shares.count == ranks)
      #expect(shares.flatMap { Array($0) } == Array(0..<leaves))
      let counts = shares.map(\.count)
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "\(leaves) leaves, \(ranks) ranks")
    }
  }

  @Test("With a power of two of ranks every share is one subtree", arguments: [1, 2, 4, 8, 16])
  func powersOfTwo(ranks: Int) {
    for leaves in ranks...100 {
      for share in SummationTree.shares(leaves: leaves, ranks: ranks) {
        #expect(SummationTree(leaves: leaves).subtrees(covering: share) == [share], "\(leaves) leaves")
      }
    }
  }

  @Test("Shares follow the weights, and a rank of weight 0 has none")
  func weights() {
    #expect(SummationTree.shares(leaves: 8, ranks: 2, weights: [3, 1]) == [0..<6, 6..<8])
    #expect(SummationTree.shares(leaves: 5, ranks: 3, weights: [1, 0, 1]) == [0..<3, 3..<3, 3..<5])
    #expect(SummationTree.shares(leaves: 1, ranks: 3, weights: nil).map(\.count).reduce(0, +) == 1)
    for first in 1...7 {
      for leaves in 0...40 {
        let shares = SummationTree.shares(leaves: leaves, ranks: 3, weights: [first, 2, 5])
        #expect(shares.flatMap { Array($0) } == Array(0..<leaves))
        for (share, weight) in zip(shares, [first, 2, 5]) {
          #expect(abs(share.count * (first + 7) - leaves * weight) < first + 7, "\(shares) for weight \(first)")
        }
      }
    }
  }

  @Test("The tree over five leaves is ((0 1) 2) (3 4)")
  func shape() {
    let tree = SummationTree(leaves: 5)
    #expect(tree.subtrees(covering: 0..<5) == [0..<5])
    #expect(tree.subtrees(covering: 0..<3) == [0..<3])
    #expect(tree.subtrees(covering: 1..<5) == [1..<2, 2..<3, 3..<5])
    #expect(tree.subtrees(covering: 0..<4) == [0..<3, 3..<4])
    #expect(tree.subtrees(covering: 2..<2) == [])
  }

  @Test("Sums over the tree add in its order, not from left to right")
  func order() {
    // (1 + 1e16) + (-1e16 + 1): the 1 on the left is lost, the one on the right too; from left to right 1 remains.
    let values = [1, 1e16, -1e16, 1]
    #expect(SummationTree(leaves: 4).sum { values[$0] } == 0)
    #expect(SummationTree(leaves: 3).sum { values[$0] } == 0)
    #expect(SummationTree(leaves: 0).sum { values[$0] } == 0)
  }
}
