/// The deadlines and sizes of a group. Times are in nanoseconds.
public struct Settings: Sendable {
  /// How often ranks say that they live.
  public var heartbeatInterval: UInt64 = 500_000_000
  /// After how much silence a rank counts as lost.
  public var peerTimeout: UInt64 = 5_000_000_000
  /// How long an operation may wait for a rank that lives.
  public var operationTimeout: UInt64 = 300_000_000_000
  /// How long rank 0 collects what the others saw before it decides.
  public var collectTime: UInt64 = 200_000_000
  /// How long the other ranks wait for rank 0's verdict before they judge by themselves.
  public var verdictTimeout: UInt64 = 1_000_000_000
  /// How long every rank stays after the verdict, so that all have it: `mpirun` ends the others soon after the first exit.
  public var holdTime: UInt64 = 300_000_000
  /// Over how long a time rank 0 compares how the ranks spend theirs, to find one that holds the others up.
  public var stragglerWindow: UInt64 = 10_000_000_000
  /// How long ranks may take to find each other.
  public var joinTimeout: UInt64 = 60_000_000_000
  /// The longest segment, in bytes; a multiple of 64.
  public var segmentBytes = 256 << 10
  /// Up to this many bytes sent by each rank, a sum is exchanged whole.
  public var exchangeLimit = 64 << 10

  /// Whether ranks that are all on one host sum through memory that they share, with the bits that links would give.
  public var sharesMemory = true

  public init() {}
}
