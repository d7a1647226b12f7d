import Foundation
import Support

/// Where the time of each rank went, from the trace of a run: for each thread and kind, the time of its spans without the
/// time of the spans within them, so that all of them add up.
public struct TraceSummary: Sendable, Equatable {
  public struct Total: Sendable, Equatable {
    /// A kind of span.
    public var kind: String
    public var count: Int
    /// Without what lies within.
    public var seconds: Double
    /// With all that lies within.
    public var whole: Double
  }

  public struct Thread: Sendable, Equatable {
    public var name: String
    /// From the beginning of its first span to the end of its last, in seconds.
    public var duration: Double
    /// The longest first.
    public var totals: [Total]

    public subscript(kind: String) -> Total? { totals.first { $0.kind == kind } }
  }

  public struct Rank: Sendable, Equatable {
    public var rank: Int
    public var name: String
    public var threads: [Thread]
    /// By how many microseconds its clock may be off.
    public var clockUncertainty: Double
    /// Older spans that there was no room for.
    public var dropped: Int

    public subscript(thread: String) -> Thread? { threads.first { $0.name == thread } }
  }

  public var ranks: [Rank]

  /// Reads the trace of a run, or the parts that its ranks left when it failed.
  /// - Throws: `RunDirectoryError` where there is none, or it is damaged.
  public init(of directory: RunDirectory) throws {
    let manager = FileManager.default
    var paths = [directory.trace]
    if !manager.fileExists(atPath: directory.trace) {
      let parts = (try? manager.contentsOfDirectory(atPath: directory.traceParts)) ?? []
      paths = parts.filter { $0.hasPrefix("rank-") && $0.hasSuffix(".json") }.map { "\(directory.traceParts)/\($0)" }
    }
    guard !paths.isEmpty else {
      throw RunDirectoryError(path: directory.trace, problem: "is not there; train with --trace")
    }
    ranks = try paths.flatMap { try TraceDocument(contentsOfFile: $0).ranks }.sorted { $0.rank < $1.rank }
  }
}

/// A trace as it stands in its file.
private struct TraceDocument: Decodable {
  struct Event: Decodable {
    struct Arguments: Decodable {
      var name: String?
    }

    var ph: String
    var pid: Int
    var tid: Int?
    var ts: Double?
    var dur: Double?
    var cat: String?
    var name: String
    var args: Arguments?
  }

  struct Facts: Decodable {
    struct Rank: Decodable {
      var rank: Int
      var clockUncertainty: Double
      var dropped: Int

      private enum CodingKeys: String, CodingKey {
        case rank
        case clockUncertainty = "clock_uncertainty_us"
        case dropped = "dropped_spans"
      }
    }

    var ranks: [Rank]
  }

  var otherData: Facts
  var traceEvents: [Event]

  init(contentsOfFile path: String) throws {
    guard FileReader.exists(path), let data = try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) else {
      throw RunDirectoryError(path: path, problem: "cannot be read; check its permissions")
    }
    do {
      self = try JSONDecoder().decode(TraceDocument.self, from: data)
    } catch {
      throw RunDirectoryError(
        path: path, problem: "is damaged, or was not written by lockstep train --trace; train with --trace again")
    }
  }

  var ranks: [TraceSummary.Rank] {
    let byRank = Dictionary(grouping: traceEvents, by: \.pid)
    return byRank.map { rank, events in
      let fact = otherData.ranks.first { $0.rank == rank }
      return TraceSummary.Rank(
        rank: rank, name: events.first { $0.name == "process_name" }?.args?.name ?? "rank \(rank)",
        threads: threads(events), clockUncertainty: fact?.clockUncertainty ?? 0, dropped: fact?.dropped ?? 0)
    }
  }

  private func threads(_ events: [Event]) -> [TraceSummary.Thread] {
    let byThread = Dictionary(grouping: events.filter { $0.tid != nil }, by: { $0.tid! })
    return byThread.sorted { $0.key < $1.key }.map { number, events in
      let slices = events.compactMap(TraceSlice.init)
      return TraceSummary.Thread(
        name: events.first { $0.name == "thread_name" }?.args?.name ?? "thread \(number)",
        duration: ((slices.map(\.end).max() ?? 0) - (slices.map(\.begin).min() ?? 0)) / 1e6,
        totals: TraceSlice.totals(slices))
    }
  }
}

/// A span of a trace, in microseconds.
package struct TraceSlice {
  package var kind: String
  package var begin: Double
  package var end: Double

  package init(kind: String, begin: Double, end: Double) {
    self.kind = kind
    self.begin = begin
    self.end = end
  }

  /// nil for an event that is not a complete slice.
  fileprivate init?(_ event: TraceDocument.Event) {
    guard event.ph == "X", let begin = event.ts, let duration = event.dur, duration >= 0 else { return nil }
    self.init(kind: event.cat ?? event.name, begin: begin, end: begin + duration)
  }

  /// Begin and duration are read as decimals, so the end of a slice may lie a little behind the begin of the next.
  private static let rounding = 0.0005

  /// Sums over the slices of a thread, which lie within each other or apart; the longest first.
  package static func totals(_ slices: [TraceSlice]) -> [TraceSummary.Total] {
    var totals: [String: TraceSummary.Total] = [:]
    var open: [TraceSlice] = []
    // What holds others comes before them.
    for slice in slices.sorted(by: { ($0.begin, -$0.end) < ($1.begin, -$1.end) }) {
      while let last = open.last, last.end <= slice.begin + rounding { open.removeLast() }
      let seconds = (slice.end - slice.begin) / 1e6
      if let parent = open.last { totals[parent.kind]!.seconds -= seconds }
      totals[slice.kind, default: TraceSummary.Total(kind: slice.kind, count: 0, seconds: 0, whole: 0)].count += 1
      totals[slice.kind]!.seconds += seconds
      totals[slice.kind]!.whole += seconds
      open.append(slice)
    }
    return totals.values.sorted { ($0.seconds, $1.kind) > ($1.seconds, $0.kind) }
  }
}
