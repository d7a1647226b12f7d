import Collectives
import Foundation
import Synchronization

/// Runs one thread for each rank of a group in memory.
package enum Ranks {
  /// What `body` returned on each rank, in rank order.
  /// - Parameter hosts: of each rank, as they are pretended; one if nil.
  /// - Throws: the error of the first rank that threw.
  package static func run<Value>(
    _ count: Int, settings: Settings = Settings(), hosts: [String]? = nil,
    _ body: @escaping @Sendable (any Group) throws -> sending Value
  ) throws -> [Value] {
    guard count > 1 else { return [try body(SoloGroup())] }
    let results = Mutex<[Int: Result<Carried<Value>, any Error>]>([:])
    let groups = try MemoryGroup.make(size: count, settings: settings, hosts: hosts)
    let done = DispatchGroup()
    for group in groups {
      done.enter()
      let thread = Thread {
        let result = Result { Carried(value: try body(group)) }
        // A group that nobody leaves keeps its thread and its descriptors for as long as the process lives.
        switch result {
        case .success: try? group.leave()
        case .failure(let error): group.fail(String(describing: error))
        }
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
