import Testing
import Transport

@Suite("A payload that is added while its checksum is taken")
struct ArrivingTermTests {
  @Test(
    "has the plain checksum and the plain sum, in pieces of any length, with either operand first, and in place",
    arguments: [0, 1, 15, 16, 31, 32, 64, 127, 128, 129, 191, 192, 200, 1000, 1024, 1025, 5003], [false, true])
  func twin(count: Int, isLeft: Bool) {
    let arrived = vector(rank: 1, count: count)
    let own = vector(rank: 2, count: count)
    let expected = zip(arrived, own).map { $0 + $1 }
    arrived.withUnsafeBytes { bytes in
      let checksum = System.crc32cPlain(bytes)
      for cut in [0, 1, 16, 100, 999] where cut <= count {
        var sum = own + [42]
        sum.withUnsafeMutableBytes { sum in
          let term = ArrivingTerm(sum: sum.baseAddress!, other: UnsafeRawPointer(sum.baseAddress!), isLeft: isLeft)
          let first = UnsafeRawBufferPointer(rebasing: bytes[..<(4 * cut)])
          let rest = UnsafeRawBufferPointer(rebasing: bytes[(4 * cut)...])
          let begun = System.crc32c(first, continuing: 0, adding: term, at: 0)
          #expect(System.crc32c(rest, continuing: begun, adding: term, at: 4 * cut) == checksum)
        }
        let difference = zip(sum, expected + [42]).enumerated().first { $1.0.bitPattern != $1.1.bitPattern }
        #expect(difference == nil, "cut at \(cut): differs at \(difference?.offset ?? -1)")
      }
    }
  }
}
