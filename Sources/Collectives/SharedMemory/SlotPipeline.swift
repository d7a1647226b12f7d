import Diagnostics
import Schedules
import Transport

/// A vector's way through the memory that the ranks of a host share, segment by segment, as a state machine that never waits.
///
///     stage   own memory → own stage slot      once everyone has summed the slot's last segment
///     sum     all stages → own result slot     once everyone has staged, and copied the slot's last result
///     copy    others' results → own memory     once everyone has summed; at once, where nobody shares results
///
/// Several segments are under way at once, each in its own slot, so that a rank which comes late finds work. What is done in
/// a step is the operation's own matter; a step in which it has nothing to do stays empty.
final class SlotPipeline {
  private let work: any SegmentWork
  private let tag: SharedWindow.Tag
  private let memory: HostMemory
  private let segments: UInt64
  /// Segments of all operations before this one.
  private let base: UInt64
  private var (staged, summed, copied): (UInt64, UInt64, UInt64) = (0, 0, 0)

  /// A report of a rank of the group that cannot be summed with.
  private(set) var objection: Objection?

  struct Objection {
    let rank: Int
    let cause: Verdict.Cause
    let detail: String
  }

  init(_ work: any SegmentWork, tag: SharedWindow.Tag, memory: HostMemory) {
    self.work = work
    self.tag = tag
    self.memory = memory
    segments = UInt64(work.segments)
    base = memory.segments
    memory.segments += segments
  }

  var isComplete: Bool { copied == segments }

  /// The part that is done, from 0 to 1; below a half until the first sum.
  var fraction: Double { Double(summed + copied) / Double(2 * segments) }

  /// Whether a rank of the group is still to bring something that this one waits for.
  func expects(from peer: Int) -> Bool {
    guard let place = memory.ranks.firstIndex(of: peer), place != memory.rank else { return false }
    return memory.count(summed < segments ? .staged : .summed, of: place) < base + segments
  }

  /// Does the next thing that can be done at once; returns whether there was one.
  func advance() -> Bool {
    guard objection == nil else { return false }
    if copied < summed, memory.others(.summed, reach: base + copied + 1) {
      work.copy(segment(copied))
      finishCopy()
    } else if summed < staged, memory.others(.staged, reach: base + summed + 1),
      memory.isFree(base + summed, after: .copied)
    {
      let segment = segment(summed)
      for rank in memory.windows.indices where objection == nil { objection = objection(to: rank, segment) }
      guard objection == nil else { return true }
      work.sum(segment)
      summed += 1
      memory.publish(.summed, base + summed)
      if !work.sharesResults { finishCopy() }
    } else if staged < segments, memory.isFree(base + staged, after: .summed) {
      let segment = segment(staged)
      memory.own.tag(segment.slot).pointee = tag
      work.stage(segment)
      staged += 1
      memory.publish(.staged, base + staged)
    } else {
      return false
    }
    return true
  }

  /// How often to look at the others' counters before the links and the clock are looked at again: less than a microsecond.
  private static let looks = 16

  /// The same, with a short wait for the others.
  func advanceSoon() -> Bool {
    for look in 1...Self.looks {
      if advance() { return true }
      if look < Self.looks { System.pause() }
    }
    return false
  }

  private func objection(to rank: Int, _ segment: Segment) -> Objection? {
    if memory.windows[rank].tag(segment.slot).pointee != tag {
      let detail = "it calls operation \(tag.sequence) something else"
      return Objection(rank: memory.ranks[rank], cause: .disagreed, detail: detail)
    }
    if work.accepts(segment, of: rank) { return nil }
    let detail = "the place that it reports for its vector is not in its shared memory"
    return Objection(rank: memory.ranks[rank], cause: .corrupted, detail: detail)
  }

  private func finishCopy() {
    copied += 1
    memory.publish(.copied, base + copied)
  }

  private func segment(_ number: UInt64) -> Segment {
    Segment(number: Int(number), slot: SharedWindow.slot(of: base + number))
  }
}
