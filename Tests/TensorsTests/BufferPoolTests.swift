import Tensors
import Testing

@Suite struct BufferPoolTests {
  /// Takes blocks of the given sizes together, and gives them all back.
  private func step(_ pool: BufferPool, _ sizes: [Int]) {
    let buffers = sizes.map { pool.take($0) }
    for (buffer, size) in zip(buffers, sizes) {
      buffer.pointer[0] = 1
      buffer.pointer[size - 1] = 1
    }
  }

  @Test("steps of one shape allocate once")
  func steadyState() {
    let pool = BufferPool()
    let sizes = [1, 200, 5_000, 5_000, 100_000]
    step(pool, sizes)
    let bytes = pool.allocatedBytes
    for _ in 0..<5 { step(pool, sizes) }
    #expect(pool.allocatedBytes == bytes)
  }

  @Test("steps of many lengths hold hardly more than the longest of them")
  func manyLengths() {
    func sizes(_ tokens: Int) -> [Int] { [tokens * 384, tokens * 384, tokens * 384, tokens * 1536, tokens * 1536] }
    let longest = BufferPool()
    step(longest, sizes(2048))
    let pool = BufferPool()
    let random = RandomStream(seed: 3, purpose: .shuffle)
    for index in 0..<300 { step(pool, sizes(1 + Int(random.integer(below: 2048, index: UInt64(index))))) }
    step(pool, sizes(2048))
    #expect(Double(pool.allocatedBytes) < 1.6 * Double(longest.allocatedBytes))
  }

  @Test("two blocks in use never overlap")
  func disjoint() {
    let pool = BufferPool()
    step(pool, [1000, 4000])
    let (first, second) = (pool.take(1000), pool.take(1000))
    #expect(abs(first.pointer.distance(to: second.pointer)) >= 1000)
  }
}
