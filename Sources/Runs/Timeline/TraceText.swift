import Support
import Tracing

/// One rank's part of a trace in the Trace Event Format that Perfetto and Chrome open, a line an event, each with a comma
/// before it.
struct TraceText {
  private(set) var bytes: [UInt8] = []
  private let rank: Int
  private let clock: AlignedClock
  /// Rank 0's time that the trace calls zero.
  private let origin: Int64

  /// - Parameter host: of the rank.
  init(rank: Int, host: String, clock: AlignedClock, origin: Int64) {
    self.rank = rank
    self.clock = clock
    self.origin = origin
    appendMetadata("process_name", thread: nil, ("name", .string("rank \(rank) on \(host)")))
    appendMetadata("process_sort_index", thread: nil, ("sort_index", .integer(rank)))
  }

  /// Adds a thread with its spans.
  /// - Parameter lastBegin: when the last rank began an operation, by its number and rank 0's clock.
  mutating func add(_ track: Track, thread: Int, _ spans: [Span], lastBegin: [Int: Int64] = [:]) {
    appendMetadata("thread_name", thread: thread, ("name", .string(track.name)))
    appendMetadata("thread_sort_index", thread: thread, ("sort_index", .integer(thread)))
    bytes.reserveCapacity(bytes.count + 120 * spans.count)
    for span in spans {
      let begun = clock.rootTime(span.begun)
      let ended = max(begun, clock.rootTime(span.ended))
      add(span, thread: thread, begun: begun, ended: ended)
      guard span.kind == .operation, let last = lastBegin[span.number], last > begun else { continue }
      slice("waiting", kind: "waiting", thread: thread, begun: begun, ended: min(last, ended), arguments: [])
    }
  }

  private mutating func add(_ span: Span, thread: Int, begun: Int64, ended: Int64) {
    var arguments: [(String, JSONLine)] = []
    switch span.kind {
    case .operation: arguments = [("sequence", .integer(span.number)), ("bytes", .integer(span.bytes))]
    case .step, .evaluation, .checkpoint: arguments = [("step", .integer(span.number))]
    default: break
    }
    let name = span.name.isEmpty ? span.kind.rawValue : span.name
    slice(name, kind: span.kind.rawValue, thread: thread, begun: begun, ended: ended, arguments: arguments)
  }

  private mutating func slice(
    _ name: String, kind: String, thread: Int, begun: Int64, ended: Int64, arguments: [(String, JSONLine)]
  ) {
    let time = Self.microseconds(begun - origin)
    let duration = Self.microseconds(ended - begun)
    var line = "{\"ph\": \"X\", \"pid\": \(rank), \"tid\": \(thread), \"ts\": \(time), \"dur\": \(duration), "
    line += "\"cat\": \"\(kind)\", \"name\": \(JSONLine.string(name))"
    if !arguments.isEmpty { line += ", \"args\": \(JSONLine.object(arguments))" }
    append(line + "}")
  }

  private mutating func appendMetadata(_ what: String, thread: Int?, _ argument: (String, JSONLine)) {
    let place = thread.map { "\"tid\": \($0), " } ?? ""
    append("{\"ph\": \"M\", \"pid\": \(rank), \(place)\"name\": \"\(what)\", \"args\": \(JSONLine.object([argument]))}")
  }

  private mutating func append(_ line: String) {
    bytes += ",\n".utf8
    bytes += line.utf8
  }

  /// Nanoseconds as microseconds with three decimals: exact, which a Double of a long run would not be.
  private static func microseconds(_ nanoseconds: Int64) -> String {
    let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
    let digits = String(rest)
    return (nanoseconds < 0 ? "-" : "") + "\(whole)." + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
