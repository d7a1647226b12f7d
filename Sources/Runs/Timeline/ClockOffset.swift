import Collectives

/// How far a rank's clock is ahead of rank 0's, found by an exchange of messages that carry the time.
///
/// A message is never received before it is sent. So of rank 0's messages, received minus sent is at least the offset; of
/// messages to rank 0, at least its negative. The least of many rounds bound it from both sides, whatever the messages met
/// on their way (Cristian 1989 takes the middle, as we do).
package struct ClockOffset: Equatable {
  /// Clock of this rank minus clock of rank 0, in nanoseconds.
  package var value: Int64
  /// By how much it may be wrong, either way.
  package var uncertainty: Int64
  /// When it was measured, by this rank's clock.
  package var time: UInt64

  /// What one rank knows of one round.
  package struct Round: Equatable {
    /// Rank 0's message by its clock, and the end of the round by ours.
    package var sentByRoot: UInt64
    package var received: UInt64
    /// Our message by our clock, and the end of the round by rank 0's.
    package var sent: UInt64
    package var receivedByRoot: UInt64

    package init(sentByRoot: UInt64, received: UInt64, sent: UInt64, receivedByRoot: UInt64) {
      self.sentByRoot = sentByRoot
      self.received = received
      self.sent = sent
      self.receivedByRoot = receivedByRoot
    }
  }

  /// - Parameter sharesClock: whether both ranks are on one host, whose clock they read.
  package init(_ rounds: [Round], sharesClock: Bool) {
    precondition(!rounds.isEmpty, "an offset of no rounds")
    func difference(_ later: UInt64, _ earlier: UInt64) -> Int64 { Int64(bitPattern: later &- earlier) }
    let most = rounds.map { difference($0.received, $0.sentByRoot) }.min()!
    let least = -rounds.map { difference($0.receivedByRoot, $0.sent) }.min()!
    time = rounds.last!.received
    if sharesClock, least <= 0, 0 <= most {
      (value, uncertainty) = (0, 0)
    } else {
      value = least + (most - least) / 2
      uncertainty = (most - least + 1) / 2
    }
  }

  package init(value: Int64, uncertainty: Int64, time: UInt64) {
    self.value = value
    self.uncertainty = uncertainty
    self.time = time
  }

  /// Measures it; all ranks together.
  /// - Parameter now: the clock; of the host, unless a test has another.
  package static func measure(_ group: any Group, now: () -> UInt64) throws -> ClockOffset {
    guard group.size > 1 else { return ClockOffset(value: 0, uncertainty: 0, time: now()) }
    var rounds: [Round] = []
    for _ in 0..<roundCount {
      let sent = now()
      let everyone = try group.allGather(bytes([sent]), name: "clock", step: 0)
      rounds.append(
        Round(sentByRoot: words(everyone[0]).first ?? sent, received: now(), sent: sent, receivedByRoot: 0))
    }
    let own = group.rank == 0 ? bytes(rounds.map(\.received)) : []
    let root = words(try group.allGather(own, name: "clocks", step: 0)[0])
    for (index, time) in root.prefix(rounds.count).enumerated() { rounds[index].receivedByRoot = time }
    if group.rank == 0 { return ClockOffset(value: 0, uncertainty: 0, time: rounds.last!.received) }
    return ClockOffset(rounds, sharesClock: group.hosts[group.rank] == group.hosts[0])
  }

  private static let roundCount = 32

  private static func bytes(_ words: [UInt64]) -> [UInt8] { words.withUnsafeBytes(Array.init) }

  private static func words(_ bytes: [UInt8]) -> [UInt64] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    }
  }
}

/// Turns times of this rank's clock into times of rank 0's, from the offset at the beginning and the one at the end: clocks drift.
package struct AlignedClock {
  package let first: ClockOffset
  /// nil where the run ended without a second exchange.
  package var last: ClockOffset?

  package init(first: ClockOffset, last: ClockOffset? = nil) {
    self.first = first
    self.last = last
  }

  /// Rank 0's clock when this rank's shows `time`.
  package func rootTime(_ time: UInt64) -> Int64 {
    var offset = Double(first.value)
    if let last, last.time > first.time {
      let part = Double(Int64(bitPattern: time &- first.time)) / Double(last.time - first.time)
      offset += part * Double(last.value - first.value)
    }
    return Int64(bitPattern: time) - Int64(offset.rounded())
  }

  var uncertainty: Int64 { max(first.uncertainty, last?.uncertainty ?? 0) }
}
