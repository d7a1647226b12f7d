/// Where the time of one rank goes: a track for each of its threads that matter.
public struct Tracer: Sendable {
  /// The thread that trains.
  public let training: Track
  /// Operations of the group, whoever drives them.
  public let communication: Track
  /// Checkpoints that are written beside training.
  public let background: Track
  /// Sums that run beside the backward pass.
  public let sums: Track

  /// Records nothing, and costs next to nothing.
  public static let off = Tracer(capacity: 0)

  /// Spans of a track that are kept by default: some ten thousand steps, in 15 MB.
  public static let usualCapacity = 1 << 18

  /// - Parameter capacity: spans that each track keeps.
  public init(capacity: Int = usualCapacity) {
    training = Track(name: "training", capacity: capacity)
    communication = Track(name: "communication", capacity: capacity)
    background = Track(name: "checkpoint", capacity: min(capacity, 1 << 12))
    sums = Track(name: "sums", capacity: capacity)
  }

  public var isOn: Bool { training.isOn }

  public var tracks: [Track] { [training, communication, background, sums] }
}
