/// Server-sent events (WHATWG HTML, 9.2): the whole run or list first, then what is new.
struct EventStream {
  let watch: RunWatch
  let subject: RunWatch.Subject
  let points: Int
  private var known: RunSnapshot.Cursor?
  private var knownRuns: RunListSnapshot.Cursor?

  init(watch: RunWatch, subject: RunWatch.Subject, points: Int) {
    (self.watch, self.subject, self.points) = (watch, subject, points)
  }

  /// One event.
  mutating func next() -> [UInt8] {
    let isFirst = known == nil && knownRuns == nil
    let (name, text): (String, String)
    switch subject {
    case .run(let reader):
      let snapshot = watch.snapshot(of: reader, points: points, since: known ?? .init())
      known = snapshot.cursor
      (name, text) = ("run", snapshot.json.description)
    case .list:
      let list = watch.list(points: points, since: knownRuns ?? [:])
      knownRuns = list.cursor
      (name, text) = ("runs", list.json.description)
    }
    return Array("\(isFirst ? "retry: 2000\n" : "")event: \(name)\ndata: \(text)\n\n".utf8)
  }
}
