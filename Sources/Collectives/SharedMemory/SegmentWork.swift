/// One segment of a vector, and the slot of every rank's window that it passes through.
struct Segment {
  let number: Int
  let slot: Int
}

/// What an operation does with each segment of its vector.
protocol SegmentWork: AnyObject {
  /// At least one, as many on every rank.
  var segments: Int { get }

  /// Whether ranks copy what the others have summed; otherwise a segment is over with its sum.
  var sharesResults: Bool { get }

  /// Puts what others need of the segment into this rank's stage slot.
  func stage(_ segment: Segment)

  /// Whether what a rank of the host has reported with the segment makes sense; asked about every rank before the sum.
  func accepts(_ segment: Segment, of rank: Int) -> Bool

  /// Adds up this rank's part of the segment, from everyone's stage slots.
  func sum(_ segment: Segment)

  /// Takes the other parts from the others' result slots.
  func copy(_ segment: Segment)
}

extension SegmentWork {
  func copy(_ segment: Segment) {}

  func accepts(_ segment: Segment, of rank: Int) -> Bool { true }
}
