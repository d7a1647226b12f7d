import Glibc

/// A stretch of time in which a thread of a rank did one thing. Spans of a thread lie within each other or apart.
public struct Span: Sendable, Equatable {
  /// What was done; raw values stand in traces.
  public enum Kind: String, Sendable, CaseIterable {
    /// A whole training step, which holds what follows.
    case step
    /// Preparing a microbatch.
    case data
    case forward, backward
    /// Adding a microbatch's gradient to those before it.
    case accumulation
    /// The sum of gradients over the ranks, waiting included.
    case reduction
    /// Small things that all ranks send each other: losses, statistics, agreements; waiting included.
    case exchange
    /// Perturbing, and what belongs to the perturbed passes.
    case adversary
    /// Norm, clipping and update.
    case optimizer
    /// EMA, SWA and teachers.
    case averages
    /// Hashing what the ranks must hold alike.
    case comparison
    case evaluation
    /// What a checkpoint takes of the time of training: copying, agreeing.
    case checkpoint
    /// Writing a model's folder.
    case export
    /// Logs, progress, whoever watches.
    case observers
    /// One operation of the group, from its beginning on this rank to its end.
    case operation
    /// Writing and committing a checkpoint beside training.
    case writing, commit
  }

  public var kind: Kind
  /// What distinguishes it from others of its kind; may be empty.
  public var name: String
  /// A step's number as in `metrics.jsonl`, an operation's place in the sequence that all ranks share, otherwise 0.
  public var number: Int
  /// Of an operation; otherwise 0.
  public var bytes: Int
  /// Nanoseconds of this host's monotonic clock.
  public var begun: UInt64
  public var ended: UInt64

  public init(_ kind: Kind, name: String = "", number: Int = 0, bytes: Int = 0, begun: UInt64, ended: UInt64) {
    self.kind = kind
    self.name = name
    self.number = number
    self.bytes = bytes
    self.begun = begun
    self.ended = ended
  }

  /// The clock of all spans: the host's monotonic one, in nanoseconds.
  public static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
