import Diagnostics
import Dispatch
import Synchronization
import Transport

/// An operation under way. The memory it was given is the group's until `wait` has returned.
public final class CollectiveWork: Sendable {
  private struct State {
    var outcome: Outcome?
    /// Who waits; most operations are over before anybody does.
    var waiting: DispatchSemaphore?
  }

  private let state = Mutex(State())
  private let deadline: Nanoseconds
  private let name: String
  private let clock: PhaseClock?
  private let onFailure: @Sendable () -> Void

  /// How an operation ended.
  enum Outcome {
    case complete
    case failed(GroupError)
  }

  /// Work that is done already.
  package static var finished: CollectiveWork {
    let work = CollectiveWork(name: "", deadline: 0)
    work.settle(.complete)
    return work
  }

  /// `clock` is notified while the program waits; `onFailure` is called when it learns that the operation failed.
  init(
    name: String, deadline: Nanoseconds, clock: PhaseClock? = nil, onFailure: @escaping @Sendable () -> Void = {}
  ) {
    self.name = name
    self.deadline = deadline
    self.clock = clock
    self.onFailure = onFailure
  }

  /// Returns when the operation is complete; throws what ended it. May be called again.
  public func wait() throws {
    guard !isSettled, let clock else { return try waitForOutcome() }
    try clock.communicating(waitForOutcome)
  }

  private func waitForOutcome() throws {
    while true {
      let (outcome, waiting) = state.withLock { state in
        if state.outcome == nil, state.waiting == nil { state.waiting = DispatchSemaphore(value: 0) }
        return (state.outcome, state.waiting)
      }
      switch outcome {
      case .complete: return
      case .failed(let error):
        onFailure()
        throw error
      case nil: break
      }
      let now = System.now
      precondition(now < deadline, "the communication thread let operation '\(name)' pass its deadline")
      let rest = min(deadline - now, 1_000_000_000)
      _ = waiting?.wait(timeout: .now() + .nanoseconds(Int(rest)))
    }
  }

  var isSettled: Bool { state.withLock { $0.outcome != nil } }

  func settle(_ result: Outcome) {
    state.withLock { state in
      state.outcome = state.outcome ?? result
      state.waiting?.signal()
    }
  }
}
