import Foundation
import Runs

/// The one reader of a folder behind a server, of a run or of several: reads when somebody asks, and not more often than
/// needed.
final class RunWatch {
  /// What a page is about.
  enum Subject {
    case run(RunReader)
    case list
  }

  private let own: RunReader
  private let collection: RunCollection
  private var lastRead: [ObjectIdentifier: ContinuousClock.Instant] = [:]
  /// The run is over and the program about to end: streams send what is left and end.
  var isClosing = false

  /// Nothing changes visibly within that time.
  private static let freshness = Duration.milliseconds(250)

  init(_ directory: RunDirectory) { (own, collection) = (RunReader(directory), RunCollection(directory)) }

  /// Reads what there is already, so that the first page need not wait for it.
  func prepare() {
    switch subject() {
    case .run(let reader)?: refresh(reader, reader.refresh)
    default: refresh(collection) { collection.refresh(now: now) }
    }
  }

  /// The run of this id; without one the folder's own run, or all runs below it where it is none itself.
  /// - Returns: nil for an unknown id.
  func subject(_ id: String? = nil) -> Subject? {
    if let id {
      collection.search(now)
      return collection[id].map { .run($0.reader) }
    }
    guard !RunCollection.isRun(own.directory.path) else { return .run(own) }
    collection.search(now)
    return collection.runs.isEmpty ? .run(own) : .list
  }

  func snapshot(of reader: RunReader, points: Int, since known: RunSnapshot.Cursor = .init()) -> RunSnapshot {
    refresh(reader, reader.refresh)
    return RunSnapshot(reader, points: points, since: known, now: now)
  }

  func list(points: Int, since known: RunListSnapshot.Cursor = [:]) -> RunListSnapshot {
    refresh(collection) { collection.refresh(now: now) }
    return RunListSnapshot(collection, points: points, since: known, now: now)
  }

  func prometheus() -> String {
    guard case .run(let reader)? = subject() else {
      refresh(collection) { collection.refresh(now: now) }
      return PrometheusText(collection.runs.map { ($0.name, $0.reader) }, now: now).text
    }
    refresh(reader, reader.refresh)
    return PrometheusText(reader, now: now).text
  }

  private var now: Double { Date.now.timeIntervalSince1970 }

  private func refresh(_ object: AnyObject, _ body: () -> Void) {
    let key = ObjectIdentifier(object)
    if let last = lastRead[key], .now - last < Self.freshness, !isClosing { return }
    body()
    lastRead[key] = .now
  }
}
