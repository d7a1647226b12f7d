import Foundation
import Runs
import Synchronization
import TestSupport
import Testing
import Tracing

@Suite("A timeline")
struct TimelineTests {
  private struct Failure: Error {}

  /// A folder that is removed with the object.
  private final class Folder: Sendable {
    let directory = RunDirectory(
      path: FileManager.default.temporaryDirectory.appending(path: "lockstep-timeline-\(UUID().uuidString)").path)

    init() throws { try directory.create() }

    deinit { try? FileManager.default.removeItem(atPath: directory.path) }
  }

  /// Times of the spans of a made-up rank, in milliseconds.
  private static func record(_ tracer: Tracer, rank: Int, from start: UInt64) {
    func span(_ kind: Span.Kind, _ begin: UInt64, _ end: UInt64, name: String = "", number: Int = 0) -> Span {
      Span(kind, name: name, number: number, begun: start + begin * 1_000_000, ended: start + end * 1_000_000)
    }
    let late = UInt64(rank)
    tracer.training.record(span(.forward, 1, 3 + late))
    tracer.training.record(span(.reduction, 3 + late, 9))
    tracer.training.record(span(.step, 0, 10, number: 1))
    tracer.communication.record(span(.operation, 3 + late, 9, name: "gradient \"a\"", number: 5))
  }

  private static func traced(_ ranks: Int, in directory: RunDirectory, fails: Bool = false) throws {
    let start = Span.now
    let recorded = Mutex(0)
    _ = try Ranks.run(ranks) { group in
      let tracer = Tracer(capacity: 16)
      try Timeline.record(tracer, group, in: directory) {
        record(tracer, rank: group.rank, from: start)
        guard fails else { return }
        // A rank that gives up ends whatever the others are still doing together.
        recorded.withLock { $0 += 1 }
        let deadline = ContinuousClock.now + .seconds(60)
        while recorded.withLock({ $0 < ranks }), .now < deadline { usleep(1000) }
        throw Failure()
      }
    }
  }

  @Test("of all ranks stands in one file, in the Trace Event Format")
  func format() throws {
    let folder = try Folder()
    try Self.traced(2, in: folder.directory)
    let data = try Data(contentsOf: URL(filePath: folder.directory.trace))
    let trace = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    for event in events {
      #expect(event["pid"] is Int && event["name"] is String)
      switch event["ph"] as? String {
      case "X": #expect(event["tid"] is Int && event["ts"] is Double && (event["dur"] as? Double ?? -1) >= 0)
      case "M": #expect((event["args"] as? [String: Any])?.count == 1)
      default: Issue.record("\(event)")
      }
    }
    let names = events.compactMap { ($0["args"] as? [String: Any])?["name"] as? String }
    #expect(Set(names) == ["rank 0 on memory", "rank 1 on memory", "training", "communication"])
    #expect(events.contains { $0["name"] as? String == "gradient \"a\"" })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.directory.path) == ["trace.json"])
  }

  @Test("says where each rank's time went, and who waited for whom")
  func summary() throws {
    let folder = try Folder()
    try Self.traced(2, in: folder.directory)
    let summary = try TraceSummary(of: folder.directory)
    try #require(summary.ranks.map(\.rank) == [0, 1])
    func milliseconds(_ rank: Int, _ thread: String, _ kind: String) -> Int? {
      summary.ranks[rank][thread]?[kind].map { Int(($0.seconds * 1e3).rounded()) }
    }
    #expect(milliseconds(0, "training", "forward") == 2 && milliseconds(1, "training", "forward") == 3)
    #expect(milliseconds(0, "training", "reduction") == 6 && milliseconds(0, "training", "step") == 2)
    #expect(summary.ranks[0]["training"]?["step"]?.whole == 0.01)
    // Rank 1 came a millisecond later.
    #expect(milliseconds(0, "communication", "waiting") == 1 && milliseconds(0, "communication", "operation") == 5)
    #expect(milliseconds(1, "communication", "waiting") == nil)
    #expect(summary.description.contains("waiting for the last rank"))
    let lines = summary.description.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 } && lines[0].contains("rank 1"))
  }

  @Test("of a run that fails is told in parts, one a rank")
  func failure() throws {
    let folder = try Folder()
    #expect(throws: Failure.self) { try Self.traced(2, in: folder.directory, fails: true) }
    #expect(!FileManager.default.fileExists(atPath: folder.directory.trace))
    let summary = try TraceSummary(of: folder.directory)
    #expect(summary.ranks.map(\.rank) == [0, 1])
    #expect(summary.ranks[1]["training"]?["step"]?.whole == 0.01)
    // The next run has a whole one.
    try Self.traced(1, in: folder.directory)
    #expect(try TraceSummary(of: folder.directory).ranks.count == 1)
    #expect(!FileManager.default.fileExists(atPath: folder.directory.traceParts))
  }

  @Test("that is missing or damaged is refused with the file's name")
  func damage() throws {
    let folder = try Folder()
    #expect(throws: RunDirectoryError.self) { try TraceSummary(of: folder.directory) }
    try Self.traced(1, in: folder.directory)
    let whole = try Data(contentsOf: URL(filePath: folder.directory.trace))
    try whole.prefix(whole.count / 2).write(to: URL(filePath: folder.directory.trace))
    let error = #expect(throws: RunDirectoryError.self) { try TraceSummary(of: folder.directory) }
    #expect(error?.path == folder.directory.trace)
  }

  @Test("adds up: the own times of nested spans are those of all together")
  func ownTimes() {
    let slices = [
      TraceSlice(kind: "b", begin: 2e6, end: 5e6), TraceSlice(kind: "a", begin: 0, end: 10e6),
      TraceSlice(kind: "c", begin: 3e6, end: 4e6), TraceSlice(kind: "b", begin: 5e6, end: 7e6),
      TraceSlice(kind: "c", begin: 12e6, end: 13e6),
    ]
    let totals = TraceSlice.totals(slices)
    #expect(totals.map(\.kind) == ["a", "b", "c"])
    #expect(totals.map(\.seconds) == [5, 4, 2])
    #expect(totals.map(\.whole) == [10, 5, 2])
    #expect(totals.map(\.count) == [1, 2, 2])
  }

  @Test("does not take a span for the child of one that ends a rounding behind its begin")
  func touching() throws {
    let slices = [TraceSlice(kind: "a", begin: 0, end: 2e6 + 1e-4), TraceSlice(kind: "b", begin: 2e6, end: 3e6)]
    let first = try #require(TraceSlice.totals(slices).first { $0.kind == "a" })
    #expect(first.seconds == first.whole && first.whole >= 2)
  }
}
