import Foundation
import Synchronization
import Training

/// The one reader of a run's folder behind a server: reads when somebody asks, and not more often than needed.
package actor RunWatch {
  private let reader: RunReader
  private var lastRead: ContinuousClock.Instant?
  /// The run is over and the program about to end: streams send what is left and end.
  private(set) var isClosing = false

  /// Nothing changes visibly within that time.
  private static let freshness = Duration.milliseconds(250)

  package init(_ directory: RunDirectory) { reader = RunReader(directory) }

  package func snapshot(points: Int, since known: RunSnapshot.Cursor = .init()) -> (
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

  func close() { isClosing = true }

  private func refresh() {
    let now = ContinuousClock.now
    if let lastRead, now - lastRead < Self.freshness, !isClosing { return }
    reader.refresh()
    lastRead = .now
  }
}

/// Counts the streams that are open, so that strangers cannot open any number.
final class Seats: Sendable {
  private let taken = Atomic(0)
  private static let count = 64

  var isEmpty: Bool { taken.load(ordering: .relaxed) == 0 }

  /// Nil where all are taken; a seat is free again when its holder is gone.
  func take() -> Seat? {
    let before = taken.wrappingAdd(1, ordering: .relaxed).oldValue
    guard before < Self.count else {
      taken.wrappingSubtract(1, ordering: .relaxed)
      return nil
    }
    return Seat(self)
  }

  final class Seat: Sendable {
    private let seats: Seats
    init(_ seats: Seats) { self.seats = seats }
    deinit { seats.taken.wrappingSubtract(1, ordering: .relaxed) }
  }
}
