import Glibc
import Synchronization
import Transport

/// Keeps the times of this rank: the program says what it is doing, operations say when it waits in one.
package final class PhaseClock: Sendable {
  private enum Part { case data, compute, communication, other }

  private struct State {
    var times = RankTimes()
    var part = Part.other
    /// The part that continues when the operation is over.
    var noted = Part.other
    var isInOperation = false
    /// The thread that notes phases, and whose time this is.
    var program: pthread_t?
    var since = System.now

    mutating func turn(to next: Part) {
      let now = System.now
      let spent = now - min(now, since)
      switch part {
      case .data: times.data += spent
      case .compute: times.compute += spent
      case .communication: times.communication += spent
      case .other: break
      }
      (part, since) = (next, now)
    }
  }

  private let state = Mutex(State())

  package init() {}

  /// The program begins a phase, on its one thread: "data", "compute", "reduction" where it waits for operations that
  /// another thread asks for, or anything else, which counts as none of them.
  package func note(_ phase: String) {
    let part: Part =
      switch phase {
      case "data": .data
      case "compute": .compute
      case "reduction": .communication
      default: .other
      }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    state.withLock {
      $0.times.memory = UInt64(max(0, usage.ru_maxrss)) * 1024
      $0.program = pthread_self()
      $0.noted = part
      if !$0.isInOperation { $0.turn(to: part) }
    }
  }

  /// Whether this is the thread whose time is kept: any, until one has noted a phase.
  package var isOnProgramThread: Bool {
    state.withLock { $0.program.map { pthread_equal($0, pthread_self()) != 0 } ?? true }
  }

  /// The calling thread waits inside an operation while `body` runs; that counts where it is the program's own.
  package func communicating<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard isOnProgramThread else { return try body() }
    state.withLock {
      $0.isInOperation = true
      $0.turn(to: .communication)
    }
    defer {
      state.withLock {
        $0.isInOperation = false
        $0.turn(to: $0.noted)
      }
    }
    return try body()
  }

  /// The process did not run for a while.
  package func noteStop(_ nanoseconds: UInt64) { state.withLock { $0.times.stopped += nanoseconds } }

  /// A link took nothing for a while.
  package func noteBlock(_ nanoseconds: UInt64) { state.withLock { $0.times.blocked += nanoseconds } }

  package var times: RankTimes {
    state.withLock {
      $0.turn(to: $0.part)
      return $0.times
    }
  }
}
