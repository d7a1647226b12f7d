/// Groups inside one process, for tests: the ranks are threads, the links are pipes in memory, the engine is the real one.
public enum MemoryGroup {
  /// Makes the group as each of its ranks sees it. Each rank needs a thread of its own, as operations wait for each other.
  public static func make(size: Int, settings: Settings = Settings()) throws -> [any Group] {
    if size == 1 { return [SoloGroup()] }
    var sockets: [[Engine.Link: Socket]] = Array(repeating: [:], count: size)
    for low in 0..<size {
      for high in low + 1..<size {
        let data = try Socket.pair()
        (sockets[low][.data(high)], sockets[high][.data(low)]) = data
        guard low == 0 else { continue }
        let control = try Socket.pair()
        (sockets[low][.control(high)], sockets[high][.control(low)]) = control
      }
    }
    let hosts = Array(repeating: "memory", count: size)
    return (0..<size).map { rank in
      EngineGroup(
        place: Place(rank: rank, size: size, hosts: hosts), settings: settings, sockets: sockets[rank], spin: 0,
        hooks: Communicator.Hooks())
    }
  }
}
