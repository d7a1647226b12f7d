import Schedules
import Support
import Transport

/// Groups inside one process, for tests and benchmarks: the ranks are threads, the engine is the real one.
public enum MemoryGroup {
  /// What the links are.
  public enum Links: Sendable { case pipes, loopback, sharedMemory }

  /// Makes the group as each of its ranks sees it. Each rank needs its own thread, as operations wait for each other.
  /// - Parameter hosts: of each rank, as they are pretended; those of one share memory, where `links` says so. One if nil.
  public static func make(
    size: Int, settings: Settings = Settings(), links: Links = .pipes, hosts: [String]? = nil
  ) throws -> [any Group] {
    if size == 1 { return [SoloGroup()] }
    func pair() throws -> (Socket, Socket) { links == .loopback ? try TCP.pair() : try Socket.pair() }
    var transports: [[Link: any ByteTransport]] = Array(repeating: [:], count: size)
    for low in 0..<size {
      for high in low + 1..<size {
        let data = try pair()
        (transports[low][.data(high)], transports[high][.data(low)]) = data
        guard low == 0 else { continue }
        let control = try pair()
        (transports[low][.control(high)], transports[high][.control(low)]) = control
      }
    }
    let hosts = hosts ?? Array(repeating: "memory", count: size)
    var memories: [Int: HostMemory] = [:]
    for ranks in HostMap(rank: 0, machines: hosts).members where links == .sharedMemory && ranks.count > 1 {
      for (rank, memory) in zip(ranks, try HostMemory.inOneProcess(ranks)) { memories[rank] = memory }
    }
    let spin: Nanoseconds = links != .pipes && size <= LocalHost.processors ? 50_000 : 0
    return (0..<size).map { rank in
      EngineGroup(
        info: RankInfo(rank: rank, size: size, hosts: hosts), settings: settings, transports: transports[rank],
        spin: spin,
        hooks: Communicator.Hooks(), hostMemory: memories[rank])
    }
  }
}
