import Synchronization

/// The spans of one thread, the newest ones, in memory that is taken at the beginning.
public final class Track: Sendable {
  public let name: String
  private let capacity: Int
  private let ring: Mutex<Ring>

  private struct Ring {
    var spans: [Span] = []
    /// How many there have been.
    var count = 0
  }

  /// - Parameter capacity: spans that are kept; 0 for a track that records nothing.
  public init(name: String, capacity: Int) {
    self.name = name
    self.capacity = capacity
    var ring = Ring()
    // Untouched memory costs nothing, and recording never takes more.
    ring.spans.reserveCapacity(capacity)
    self.ring = Mutex(ring)
  }

  /// A track that records nothing.
  public static let off = Track(name: "off", capacity: 0)

  public var isOn: Bool { capacity > 0 }

  /// Keeps a span, in the place of the oldest one where there is no more room.
  public func record(_ span: Span) {
    guard isOn else { return }
    ring.withLock { ring in
      if ring.spans.count < capacity { ring.spans.append(span) } else { ring.spans[ring.count % capacity] = span }
      ring.count += 1
    }
  }

  /// Runs `body`, and records how long it took, also where it throws.
  public func span<Result>(
    _ kind: Span.Kind, _ name: String = "", number: Int = 0, _ body: () throws -> Result
  ) rethrows -> Result {
    guard isOn else { return try body() }
    let begun = Span.now
    defer { record(Span(kind, name: name, number: number, begun: begun, ended: Span.now)) }
    return try body()
  }

  /// What is kept, in the order in which it ended, and how many older ones were overwritten.
  public var contents: (spans: [Span], dropped: Int) {
    ring.withLock { ring in
      let oldest = ring.count > capacity ? ring.count % capacity : 0
      return (Array(ring.spans[oldest...] + ring.spans[..<oldest]), ring.count - ring.spans.count)
    }
  }

  /// Forgets everything.
  public func clear() {
    ring.withLock { ring in
      ring.spans.removeAll(keepingCapacity: true)
      ring.count = 0
    }
  }
}
