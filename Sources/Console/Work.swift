/// Where work is shown, such as a bar on a terminal.
package protocol WorkDisplay: Sendable {
  /// Shows how much of it is done.
  func show(_ work: Work, _ done: Int)
  /// Takes it off the display.
  func end(_ work: Work)
}

/// Work of a known length that is under way, such as tokenizing a table.
package struct Work: Sendable {
  package enum Unit: Sendable { case rows, bytes }

  /// What shows the work of the present task; nil where nobody wants to see it.
  @TaskLocal package static var bar: (any WorkDisplay)?

  let name: String
  let total: Int
  let unit: Unit

  /// - Parameters:
  ///   - verb: such as "tokenizing".
  ///   - path: a file, or another name of what is worked on.
  package init(_ verb: String, _ path: String, of total: Int, in unit: Unit = .rows) {
    name = verb + " " + (path.split(separator: "/").last.map(String.init) ?? path)
    (self.total, self.unit) = (total, unit)
  }

  /// Says how much is done; cheap enough for every hundredth row.
  package func report(_ done: Int) { Self.bar?.show(self, done) }

  /// Says that all is done.
  package func end() { Self.bar?.end(self) }
}
