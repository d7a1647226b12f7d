import Foundation
import Synchronization

/// Ranks that are threads of this process, for tests and benchmarks.
package enum RankThreads {
  /// What `body` returned on each rank, in the order of the groups; each runs in its own thread.
  /// - Throws: what the first rank that failed threw.
  @discardableResult
  package static func run<Value>(
    _ groups: [any Group], _ body: @escaping @Sendable (any Group) throws -> sending Value
  ) throws -> [Value] {
    let results = Mutex<[Int: Result<Carried<Value>, any Error>]>([:])
    let done = DispatchGroup()
    for group in groups {
      done.enter()
      let thread = Thread {
        let result = Result { Carried(value: try body(group)) }
        results.withLock { $0[group.rank] = result }
        done.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    done.wait()
    return try results.withLock { results in try groups.map { try results[$0.rank]!.get().value } }
  }

  /// A value made on a rank's thread, which has ended before anybody else looks at it.
  private struct Carried<Value>: @unchecked Sendable { let value: Value }
}
