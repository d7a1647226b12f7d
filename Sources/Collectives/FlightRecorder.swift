/// The last operations of this rank, for the question who was where when it went wrong.
struct FlightRecorder {
  private static let room = 256

  /// How many operations are complete.
  private(set) var completed: UInt64 = 0
  private(set) var isActive = false
  private var recent: [Operation] = []
  private var begun: UInt64 = 0

  /// The operation that runs, if any.
  var active: Operation? { isActive ? recent[Int((begun - 1) % UInt64(Self.room))] : nil }

  mutating func begin(_ operation: Operation) {
    var entry = operation
    entry.buffers = []
    if recent.count < Self.room { recent.append(entry) } else { recent[Int(begun % UInt64(Self.room))] = entry }
    begun += 1
    isActive = true
  }

  mutating func complete() {
    completed += 1
    isActive = false
  }

  /// What this rank calls an operation; empty if it is not there yet, or long past it.
  func name(of sequence: UInt64) -> String {
    guard sequence < begun, begun - sequence <= UInt64(recent.count) else { return "" }
    return recent[Int(sequence % UInt64(Self.room))].description
  }
}
