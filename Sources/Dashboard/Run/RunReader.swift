import Runs

/// A run's folder, read again and again while the run writes it: each call of `refresh` takes what is new.
package final class RunReader {
  let directory: RunDirectory
  private(set) var record = RunRecord()
  private(set) var events = RunEvents()
  private(set) var files: RunFiles
  /// Grows when the metrics are another file than before, so that what was drawn of them is void.
  private(set) var generation = 0

  private var metrics: LineFollower
  private var eventLines: LineFollower
  private var launchLines: LineFollower

  package init(_ directory: RunDirectory) {
    self.directory = directory
    files = RunFiles(directory)
    metrics = LineFollower(directory.metrics)
    eventLines = LineFollower(directory.history)
    launchLines = LineFollower(directory.path + "/launch.jsonl")
  }

  /// Reads what was written since the last call.
  package func refresh() {
    let change = metrics.read(anew: { record = RunRecord() }, line: { record.add($0) })
    if change == .replaced { generation += 1 }
    readEvents()
    files.refresh()
  }

  /// Two files hold one history: where one of them is written anew, both are read again.
  private func readEvents() {
    var isAnew = false
    _ = launchLines.read(anew: { isAnew = true }, line: { events.addLaunch($0) })
    _ = eventLines.read(anew: { isAnew = true }, line: { events.add($0) })
    guard isAnew else { return }
    events = RunEvents()
    (launchLines, eventLines) = (LineFollower(launchLines.path), LineFollower(eventLines.path))
    _ = launchLines.read(anew: {}, line: { events.addLaunch($0) })
    _ = eventLines.read(anew: {}, line: { events.add($0) })
  }
}
