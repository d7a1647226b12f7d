import FlyingFox
import FlyingSocks

/// Server-sent events (WHATWG HTML, 9.2): the whole run first, then what is new, once a second.
struct EventStream: AsyncBufferedSequence {
  typealias Element = UInt8

  let watch: RunWatch
  let points: Int
  let seat: Seats.Seat

  func makeAsyncIterator() -> Iterator { Iterator(watch: watch, points: points, seat: seat) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    let watch: RunWatch
    let points: Int
    let seat: Seats.Seat
    private var known: RunSnapshot.Cursor?
    private var isOver = false

    private static let interval = Duration.seconds(1)

    init(watch: RunWatch, points: Int, seat: Seats.Seat) {
      (self.watch, self.points, self.seat) = (watch, points, seat)
    }

    mutating func next() async throws -> UInt8? {
      preconditionFailure("a stream of events is read by the event, not by the byte")
    }

    /// One event.
    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      guard !isOver else { return nil }
      if known != nil { try await wait() }
      isOver = await watch.isClosing
      let (text, cursor) = await watch.snapshot(points: points, since: known ?? .init())
      let head = known == nil ? "retry: 2000\n" : ""
      known = cursor
      return Array("\(head)event: run\ndata: \(text)\n\n".utf8)
    }

    private func wait() async throws {
      for _ in 0..<10 where await !watch.isClosing { try await Task.sleep(for: Self.interval / 10) }
    }
  }
}
