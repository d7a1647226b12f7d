import Runs
import TestSupport
import Testing
import Tracing

@Suite("The offset of a rank's clock")
struct ClockOffsetTests {
  /// Rounds of messages that take what they take, by clocks that differ by `offset`.
  private static func rounds(offset: Int64, seed: UInt64) -> [ClockOffset.Round] {
    var state = seed
    func delay() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Mostly short, sometimes a hundred times longer, never the same both ways.
      return 20_000 + (state >> 40) % 30_000 * (state >> 60 == 0 ? 100 : 1)
    }
    func ours(_ time: UInt64) -> UInt64 { UInt64(bitPattern: Int64(bitPattern: time) + offset) }
    return (0..<32).map { round in
      let begin = 1_000_000_000 + UInt64(round) * 10_000_000
      let (root, own) = (begin + delay(), begin + delay())
      return ClockOffset.Round(
        sentByRoot: root, received: ours(max(own, root + delay())), sent: ours(own),
        receivedByRoot: max(root, own + delay()))
    }
  }

  @Test(
    "is as far from the truth as it admits, whatever the messages met on their way",
    arguments: [0, 1, -7_000_000_000, 123_456_789_012], [UInt64(1), 2, 3])
  func bounds(offset: Int64, seed: UInt64) {
    let found = ClockOffset(Self.rounds(offset: offset, seed: seed), sharesClock: false)
    #expect(abs(found.value - offset) <= found.uncertainty)
    #expect(found.uncertainty < 100_000, "32 rounds have some that are short")
  }

  @Test("is nothing where both read the clock of one host, and is measured where they seem to but do not")
  func sharedClock() {
    let same = ClockOffset(Self.rounds(offset: 0, seed: 4), sharesClock: true)
    #expect(same.value == 0 && same.uncertainty == 0)
    let other = ClockOffset(Self.rounds(offset: 5_000_000_000, seed: 4), sharesClock: true)
    #expect(abs(other.value - 5_000_000_000) <= other.uncertainty)
  }

  @Test("is found by ranks that tell each other the time")
  func ranks() throws {
    let ahead: [Int64] = [0, 3_600_000_000_000, -40_000_000_000]
    let found = try Ranks.run(3) { group in
      try ClockOffset.measure(group) { UInt64(bitPattern: Int64(bitPattern: Span.now + 1 << 50) + ahead[group.rank]) }
    }
    for (rank, offset) in found.enumerated() {
      #expect(abs(offset.value - ahead[rank]) <= offset.uncertainty)
      #expect(offset.uncertainty < 5_000_000_000)
    }
    #expect(found[0].value == 0)
  }

  @Test("that drifts is taken for what it was at the time")
  func drift() {
    let clock = AlignedClock(
      first: ClockOffset(value: 100, uncertainty: 1, time: 1_000),
      last: ClockOffset(value: 300, uncertainty: 1, time: 3_000))
    #expect([1_000, 2_000, 3_000].map { clock.rootTime($0) } == [900, 1_800, 2_700])
    #expect(AlignedClock(first: clock.first).rootTime(2_000) == 1_900)
  }
}
