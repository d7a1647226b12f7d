import Glibc
import Transport

/// The shared memory of all ranks of a group on one host, as one of them sees it.
///
/// Not safe for use from two threads: whoever drives the engine uses it.
package final class HostMemory: @unchecked Sendable {
  /// This rank's place among those of the host.
  package let rank: Int
  /// The ranks of the host, as the group counts them.
  package let ranks: [Int]
  /// In the order of those.
  package let windows: [SharedWindow]
  package let doorbell: Doorbell
  private let ownWords: SharedWindow.Words
  private let others: [SharedWindow.Words]
  /// Segments of all sums so far: the same number on every rank.
  package var segments: UInt64 = 0
  private var isAsleep = false
  /// By word, how far all other ranks have been seen to be. They only go on, so it stays true; to look again would fetch a line
  /// of each of them that it has just written.
  private let seen = UnsafeMutablePointer<UInt64>.allocate(capacity: SharedWindow.Word.count)

  /// - Parameter rank: this rank's place among `ranks`.
  package init(rank: Int, of ranks: [Int], windows: [SharedWindow], doorbell: Doorbell) {
    self.rank = rank
    self.ranks = ranks
    self.windows = windows
    self.doorbell = doorbell
    ownWords = windows[rank].words
    others = windows.indices.filter { $0 != rank }.map { windows[$0].words }
    seen.initialize(repeating: 0, count: SharedWindow.Word.count)
  }

  deinit { seen.deallocate() }

  /// Ranks of one process, whose memory needs no opening.
  package static func inOneProcess(_ ranks: [Int]) throws(Socket.Failure) -> [HostMemory] {
    var windows: [SharedWindow] = []
    var doorbells: [Doorbell] = []
    for _ in ranks {
      guard let window = SharedWindow(nonce: Nonce.fresh()) else {
        throw Socket.Failure(call: "memfd_create", code: errno)
      }
      let doorbell = try Doorbell()
      window.words[.port] = UInt64(doorbell.port)
      windows.append(window)
      doorbells.append(doorbell)
    }
    return ranks.indices.map { HostMemory(rank: $0, of: ranks, windows: windows, doorbell: doorbells[$0]) }
  }

  package var own: SharedWindow { windows[rank] }

  /// How far a rank is.
  package func count(_ word: SharedWindow.Word, of rank: Int) -> UInt64 { windows[rank].words[word] }

  /// Whether every other rank has come to `limit` or beyond.
  package func others(_ word: SharedWindow.Word, reach limit: UInt64) -> Bool {
    if seen[word.number] >= limit { return true }
    var least = UInt64.max
    for other in others {
      let count = other[word]
      if count < limit { return false }
      least = min(least, count)
    }
    seen[word.number] = least
    return true
  }

  /// Whether nobody needs any more what the slot of a segment held before.
  package func isFree(_ segment: UInt64, after word: SharedWindow.Word) -> Bool {
    segment < UInt64(SharedWindow.slots) || others(word, reach: segment - UInt64(SharedWindow.slots) + 1)
  }

  /// Notifies the other ranks how far this one is, and wakes those that sleep.
  package func publish(_ word: SharedWindow.Word, _ count: UInt64) {
    ownWords[word] = count
    for other in others where other[.asleep] != 0 { doorbell.ring(UInt16(truncatingIfNeeded: other[.port])) }
  }

  /// Says that this rank is about to sleep; false if it has said so before. Look once more before sleeping.
  package func fallAsleep() -> Bool {
    guard !isAsleep else { return false }
    isAsleep = true
    ownWords[.asleep] = 1
    return true
  }

  package func wakeUp() {
    guard isAsleep else { return }
    isAsleep = false
    ownWords[.asleep] = 0
    doorbell.clear()
  }
}
