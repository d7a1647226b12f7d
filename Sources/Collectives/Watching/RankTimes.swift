import Glibc
import Synchronization

/// How a rank has spent its time since it joined, in nanoseconds, and its memory; travels in heartbeats.
public struct RankTimes: Sendable, Equatable {
  /// Preparing microbatches.
  public var data: UInt64 = 0
  /// Forward and backward passes, updates.
  public var compute: UInt64 = 0
  /// In operations, waiting for other ranks included.
  public var communication: UInt64 = 0
  /// The process did not run: it was stopped, or its host was.
  public var stopped: UInt64 = 0
  /// With bytes for the next rank that the connection did not take.
  public var blocked: UInt64 = 0
  /// The most memory that the process ever held, in bytes.
  public var memory: UInt64 = 0

  public init(
    data: UInt64 = 0, compute: UInt64 = 0, communication: UInt64 = 0, stopped: UInt64 = 0, blocked: UInt64 = 0,
    memory: UInt64 = 0
  ) {
    self.data = data
    self.compute = compute
    self.communication = communication
    self.stopped = stopped
    self.blocked = blocked
    self.memory = memory
  }

  /// What was added since, 0 where the other is later; the memory is the later one.
  public func since(_ earlier: RankTimes) -> RankTimes {
    func difference(_ part: KeyPath<RankTimes, UInt64>) -> UInt64 {
      self[keyPath: part] - min(self[keyPath: part], earlier[keyPath: part])
    }
    return RankTimes(
      data: difference(\.data), compute: difference(\.compute), communication: difference(\.communication),
      stopped: difference(\.stopped), blocked: difference(\.blocked), memory: memory)
  }

  /// Own work, for which the others may have to wait.
  var busy: UInt64 { data + compute }
}

/// Keeps the times of this rank: the program says what it is doing, operations say when it waits in one.
final class PhaseClock: Sendable {
  private enum Part { case data, compute, communication, other }

  private struct State {
    var times = RankTimes()
    var part = Part.other
    /// What goes on when the operation is over.
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

  /// The program begins a phase, on its one thread: "data", "compute", "reduction" where it waits for operations that
  /// another thread asks for, or anything else, which counts as none of them.
  func note(_ phase: String) {
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
  var isOnProgramThread: Bool { state.withLock { $0.program.map { pthread_equal($0, pthread_self()) != 0 } ?? true } }

  /// The calling thread waits inside an operation while `body` runs; that counts where it is the program's own.
  func communicating<Result>(_ body: () throws -> Result) rethrows -> Result {
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
  func noteStop(_ nanoseconds: UInt64) { state.withLock { $0.times.stopped += nanoseconds } }

  /// A link took nothing for a while.
  func noteBlock(_ nanoseconds: UInt64) { state.withLock { $0.times.blocked += nanoseconds } }

  var times: RankTimes {
    state.withLock {
      $0.turn(to: $0.part)
      return $0.times
    }
  }
}
