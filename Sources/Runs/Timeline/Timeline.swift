import Checkpoints
import Collectives
import Console
import Foundation
import Tracing
import Training

/// The timeline of a run: what every rank did when, as one trace with one clock.
///
/// The ranks keep their own spans while they train. At the end they compare clocks and rank 0 writes all of it; where the
/// run fails, each rank writes its own part.
public final class Timeline {
  private let tracer: Tracer
  private let group: any Group
  private let directory: RunDirectory
  private var clock: AlignedClock
  /// Rank 0's clock at the beginning.
  private let origin: Int64

  /// Begins to record, and compares clocks; all ranks together. Traces of earlier runs are removed.
  public init(_ tracer: Tracer, _ group: any Group, in directory: RunDirectory) throws {
    self.tracer = tracer
    self.group = group
    self.directory = directory
    if group.rank == 0 {
      for path in [directory.trace, directory.traceParts] { try? FileManager.default.removeItem(atPath: path) }
    }
    clock = AlignedClock(first: try ClockOffset.measure(group, now: { Span.now }))
    origin = Int64(bitPattern: try Self.fromRoot(clock.first.time, group))
    for track in tracer.tracks { track.clear() }
  }

  /// Runs `body`, the same on all ranks, and writes what it was like.
  ///
  /// A run that is stopped on request ends alike on all ranks, so it has a whole trace, too.
  public static func record<Result>(
    _ tracer: Tracer, _ group: any Group, in directory: RunDirectory, _ body: () throws -> Result
  ) throws -> Result {
    guard tracer.isOn else { return try body() }
    let timeline = try Timeline(tracer, group, in: directory)
    do {
      let result = try body()
      try timeline.write()
      return result
    } catch let error as TrainingError {
      if case .stopped = error { try timeline.write() } else { timeline.writeOwnPart() }
      throw error
    } catch {
      timeline.writeOwnPart()
      throw error
    }
  }

  /// Writes the trace of all ranks; all ranks together.
  private func write() throws {
    let contents = tracer.tracks.map(\.contents)
    clock.last = try ClockOffset.measure(group, now: { Span.now })
    let lastBegin = try lastBegin(of: contents[1].spans.filter { $0.kind == .operation })
    let text = text(contents, lastBegin: lastBegin).bytes
    let dropped = contents.reduce(0) { $0 + $1.dropped }
    let facts = try group.allGather(
      Self.bytes([Int64(text.count), clock.uncertainty, Int64(dropped)]), name: "trace", step: 0
    ).map(Self.words)
    let file = Result {
      group.rank == 0 ? try TraceFile(directory.trace, facts: facts.map { ($0[1], $0[2]) }) : nil
    }
    let open = try? file.get()
    open?.append(text[...])
    for rank in 1..<max(1, group.size) { try hand(over: text, of: rank, count: Int(facts[rank][0]), to: open) }
    do { try file.get()?.commit() } catch { warn("no trace was written: \(error)") }
  }

  /// One rank's text goes to rank 0, piece by piece, so that nobody needs room for all of them.
  private func hand(over text: [UInt8], of rank: Int, count: Int, to file: TraceFile?) throws {
    for start in stride(from: 0, to: count, by: Self.pieceBytes) {
      let end = min(count, start + Self.pieceBytes)
      var piece = group.rank == rank ? Array(text[start..<end]) : [UInt8](repeating: 0, count: end - start)
      try piece.withUnsafeMutableBytes { try group.broadcast($0, root: rank, name: "trace", step: 0) }
      file?.append(piece[...])
    }
  }

  private static let pieceBytes = 1 << 20

  /// Where the run fails nobody else can be asked; what is found here is better than nothing.
  private func writeOwnPart() {
    let contents = tracer.tracks.map(\.contents)
    let facts = (clock.uncertainty, contents.reduce(Int64(0)) { $0 + Int64($1.dropped) })
    do {
      try FileManager.default.createDirectory(atPath: directory.traceParts, withIntermediateDirectories: true)
      let file = try TraceFile(directory.tracePart(of: group.rank), firstRank: group.rank, facts: [facts])
      file.append(text(contents, lastBegin: [:]).bytes[...])
      try file.commit()
    } catch {
      warn("rank \(group.rank) has written no trace: \(error)")
    }
  }

  private func warn(_ words: String) {
    StandardError.print("lockstep: \(words)")
  }

  private func text(_ contents: [(spans: [Span], dropped: Int)], lastBegin: [Int: Int64]) -> TraceText {
    var text = TraceText(rank: group.rank, host: group.hosts[group.rank], clock: clock, origin: origin)
    for (thread, track) in tracer.tracks.enumerated() where !contents[thread].spans.isEmpty {
      text.add(track, thread: thread, contents[thread].spans, lastBegin: lastBegin)
    }
    return text
  }

  /// When the last rank began each operation, by rank 0's clock; those that some rank has forgotten are left out.
  private func lastBegin(of operations: [Span]) throws -> [Int: Int64] {
    let first = Int64(operations.first?.number ?? 0)
    let own = [first] + operations.map { clock.rootTime($0.begun) }
    let everyone = try group.allGather(Self.bytes(own), name: "operations", step: 0).map(Self.words)
    let begin = everyone.map { $0[0] }.max() ?? 0
    let end = everyone.map { $0[0] + Int64($0.count) - 1 }.min() ?? 0
    guard begin < end else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: (begin..<end).map { number in
        (Int(number), everyone.map { $0[Int(number - $0[0]) + 1] }.max()!)
      })
  }

  private static func fromRoot(_ value: UInt64, _ group: any Group) throws -> UInt64 {
    let everyone = try group.allGather(bytes([Int64(bitPattern: value)]), name: "trace begins", step: 0)
    return UInt64(bitPattern: words(everyone[0])[0])
  }

  private static func bytes(_ words: [Int64]) -> [UInt8] { words.withUnsafeBytes(Array.init) }

  private static func words(_ bytes: [UInt8]) -> [Int64] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) }
    }
  }
}
