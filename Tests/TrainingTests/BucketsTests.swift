import DataParallel
import Tensors
import Testing

/// The pieces in which a gradient is summed, and when each is ready.
@Suite struct BucketsTests {
  @Test(
    "cover the stretches, from the last element to the first, none longer than allowed",
    arguments: [[0..<1], [0..<16], [0..<100], [0..<160, 320..<321, 640..<1000], []], [16, 64, 1024])
  func cover(stretches: [Range<Int>], longest: Int) {
    let ranges = Buckets(stretches, longest: longest).ranges
    #expect(ranges.reversed().flatMap { Array($0) } == stretches.flatMap { Array($0) })
    #expect(ranges.allSatisfy { !$0.isEmpty && $0.count <= longest })
  }

  @Test("begin on cache lines where their stretch does")
  func aligned() {
    for count in stride(from: 16, to: 4000, by: 272) {
      #expect(Buckets([0..<count], longest: 256).ranges.allSatisfy { $0.lowerBound % 16 == 0 }, "\(count)")
    }
  }

  @Test("are longer where more ranks would each have too little of one", arguments: [(2, 4), (16, 4), (64, 16)])
  func longest(ranks: Int, mebibytes: Int) { #expect(Buckets.longest(ranks: ranks) * 4 == mebibytes << 20) }

  @Test("a front stands where all behind it is final, whatever the order in which it became so")
  func front() {
    let layout = ArenaLayout([("words", [100, 4]), ("a", [20]), ("more words", [100, 4]), ("b", [16]), ("c", [3])])
    var front = GradientFront(layout, leavingOut: ["words", "more words"])
    var positions = [front.position]
    for slice in [3, 3, 4, 2, 1] {
      front.end(slice)
      positions.append(front.position)
    }
    // Behind `c`, twice more, then to the end of `a`, past the table before it, and to the beginning.
    #expect(positions == [851, 851, 851, 420, 420, 0])
  }
}
