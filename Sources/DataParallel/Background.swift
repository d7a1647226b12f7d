import Foundation
import Synchronization

/// Work on its own thread, whose result is asked for later.
package final class Background<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let isCancelled = Atomic<Bool>(false)
  private let running = DispatchGroup()

  /// - Parameter body: given a question that it asks from time to time: whether it should stop early.
  package init(
    name: String, _ body: @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws -> Value
  ) {
    running.enter()
    let thread = Thread { [self] in
      let result = Result { try body { [self] in isCancelled.load(ordering: .relaxed) } }
      outcome.withLock { $0 = result }
      running.leave()
    }
    thread.name = name
    thread.start()
  }

  package var isDone: Bool { outcome.withLock { $0 != nil } }

  /// Waits for the end.
  package func result() -> Result<Value, any Error> {
    running.wait()
    return outcome.withLock { $0! }
  }

  /// Asks the work to stop early.
  package func cancel() { isCancelled.store(true, ordering: .relaxed) }
}
