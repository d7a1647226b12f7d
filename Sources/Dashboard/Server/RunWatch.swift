import Foundation
import Runs

/// The one reader of a run's folder behind a server: reads when somebody asks, and not more often than needed.
final class RunWatch {
  private let reader: RunReader
  private var lastRead: ContinuousClock.Instant?
  /// The run is over and the program about to end: streams send what is left and end.
  var isClosing = false

  /// Nothing changes visibly within that time.
  private static let freshness = Duration.milliseconds(250)

  init(_ directory: RunDirectory) { reader = RunReader(directory) }

  func snapshot(points: Int, since known: RunSnapshot.Cursor = .init()) -> (
    text: String, cursor: RunSnapshot.Cursor
  ) {
    refresh()
    let snapshot = RunSnapshot(reader, points: points, since: known, now: Date.now.timeIntervalSince1970)
    return (snapshot.json.description, snapshot.cursor)
  }

  func prometheus() -> String {
    refresh()
    return PrometheusText(reader, now: Date.now.timeIntervalSince1970).text
  }

  private func refresh() {
    let now = ContinuousClock.now
    if let lastRead, now - lastRead < Self.freshness, !isClosing { return }
    reader.refresh()
    lastRead = .now
  }
}
