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
  package var busy: UInt64 { data + compute }
}
