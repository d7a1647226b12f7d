/// Server-sent events (WHATWG HTML, 9.2): the whole run first, then what is new.
struct EventStream {
  let watch: RunWatch
  let points: Int
  private var known: RunSnapshot.Cursor?

  init(watch: RunWatch, points: Int) { (self.watch, self.points) = (watch, points) }

  /// One event.
  mutating func next() -> [UInt8] {
    let (text, cursor) = watch.snapshot(points: points, since: known ?? .init())
    let head = known == nil ? "retry: 2000\n" : ""
    known = cursor
    return Array("\(head)event: run\ndata: \(text)\n\n".utf8)
  }
}
