import Collectives
import Foundation
import Synchronization

/// Ranks that are threads of this process.
package enum RankThreads {
  /// Runs one body a rank, each in a thread of its own; throws what the first rank that failed threw.
  package static func run(_ groups: [any Group], _ body: @escaping @Sendable (any Group) throws -> Void) throws {
    let failures = Mutex<[Int: any Error]>([:])
    let done = DispatchSemaphore(value: 0)
    for group in groups {
      Thread {
        do {
          try body(group)
        } catch {
          failures.withLock { $0[group.rank] = error }
        }
        done.signal()
      }.start()
    }
    for _ in groups { done.wait() }
    if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
  }
}
