import Testing
import Training

@Suite struct SampleHashTests {
  private let ids = [5, 0, 17, -3, 1 << 40, 17, 2]

  @Test("the hash of ids is that of its parts joined, wherever they are cut", arguments: 0...7)
  func joined(cut: Int) {
    var hash = SampleHash(Array(ids[..<cut]))
    hash.append(SampleHash(Array(ids[cut...])), count: ids.count - cut)
    #expect(hash == SampleHash(ids))
  }

  @Test("another order, another id, one more or one less is another hash")
  func differences() {
    var seen: Set = [SampleHash(ids).value]
    func expectNew(_ ids: [Int]) { #expect(seen.insert(SampleHash(ids).value).inserted, "\(ids)") }
    for place in ids.indices {
      var changed = ids
      changed[place] += 1
      expectNew(changed)
      changed = ids
      changed.remove(at: place)
      expectNew(changed)
    }
    for (first, second) in [(0, 1), (1, 2), (0, 6), (3, 5)] {
      var changed = ids
      changed.swapAt(first, second)
      expectNew(changed)
    }
    expectNew([0] + ids)
    expectNew(ids + [0])
    expectNew([])
  }
}
