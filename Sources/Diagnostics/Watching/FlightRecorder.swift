import Schedules
import Transport

/// The last operations of this rank, for the question who was where when it went wrong.
package struct FlightRecorder {
  private static let room = 256

  private struct Entry {
    var operation: CollectiveOperation
    var begun: Nanoseconds
    var ended: Nanoseconds?
  }

  /// How many operations are complete.
  package private(set) var completed: UInt64 = 0
  package private(set) var isActive = false
  private var recent: [Entry] = []
  private var begun: UInt64 = 0

  package init() {}

  /// The operation that runs, if any.
  package var active: CollectiveOperation? { isActive ? recent[place(of: begun - 1)].operation : nil }

  private func place(of sequence: UInt64) -> Int { Int(sequence % UInt64(Self.room)) }

  package mutating func begin(_ operation: CollectiveOperation, now: Nanoseconds) {
    var entry = Entry(operation: operation, begun: now)
    entry.operation.buffers = []
    if recent.count < Self.room { recent.append(entry) } else { recent[place(of: begun)] = entry }
    begun += 1
    isActive = true
  }

  package mutating func complete(now: Nanoseconds) {
    recent[place(of: completed)].ended = now
    completed += 1
    isActive = false
  }

  /// What this rank calls an operation; empty if it is not there yet, or long past it.
  package func name(of sequence: UInt64) -> String {
    guard sequence < begun, begun - sequence <= UInt64(recent.count) else { return "" }
    return recent[place(of: sequence)].operation.description
  }

  /// All recorded operations, oldest first.
  package func operations(now: Nanoseconds) -> [FlightRecord.Entry] {
    (begun - UInt64(recent.count)..<begun).map { sequence in
      let entry = recent[place(of: sequence)]
      func ago(_ time: Nanoseconds) -> Double { Double(now - min(now, time)) / 1e9 }
      return FlightRecord.Entry(
        sequence: sequence, name: entry.operation.title, step: entry.operation.step,
        signature: entry.operation.signature, begunSecondsAgo: ago(entry.begun), endedSecondsAgo: entry.ended.map(ago))
    }
  }
}
