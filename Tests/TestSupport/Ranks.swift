import Collectives

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
    return try RankThreads.run(try MemoryGroup.make(size: count, settings: settings, hosts: hosts)) { group in
      do {
        let value = try body(group)
        // A group that nobody leaves keeps its thread and its descriptors for as long as the process lives.
        try? group.leave()
        return value
      } catch {
        group.fail(String(describing: error))
        throw error
      }
    }
  }
}
