import Foundation

/// What one rank had done, and was doing, when the run failed; a file beside its verdict.
public struct FlightRecord: Codable, Sendable, Equatable {
  /// One operation.
  public struct Entry: Codable, Sendable, Equatable {
    /// Its place in the sequence of all operations.
    public var sequence: UInt64
    public var name: String
    public var step: Int
    /// The same on all ranks that agree about the operation.
    public var signature: UInt64
    /// Seconds before the verdict.
    public var begunSecondsAgo: Double
    /// nil if it was not complete.
    public var endedSecondsAgo: Double?

    package init(
      sequence: UInt64, name: String, step: Int, signature: UInt64, begunSecondsAgo: Double, endedSecondsAgo: Double?
    ) {
      self.sequence = sequence
      self.name = name
      self.step = step
      self.signature = signature
      self.begunSecondsAgo = begunSecondsAgo
      self.endedSecondsAgo = endedSecondsAgo
    }
  }

  /// How far the operation that ran was with one other rank.
  public struct Link: Codable, Sendable, Equatable {
    public var peer: Int
    public var segmentsSent: Int
    public var segmentsReceived: Int
    /// Whether this rank wanted more of it at once.
    public var isWaiting: Bool

    package init(peer: Int, segmentsSent: Int, segmentsReceived: Int, isWaiting: Bool) {
      self.peer = peer
      self.segmentsSent = segmentsSent
      self.segmentsReceived = segmentsReceived
      self.isWaiting = isWaiting
    }
  }

  public var rank: Int
  public var host: String
  /// What the program said it was doing.
  public var step: Int
  public var phase: String
  public var operations: [Entry]
  /// Of the operation that ran.
  public var links: [Link]

  package init(rank: Int, host: String, step: Int, phase: String, operations: [Entry], links: [Link]) {
    self.rank = rank
    self.host = host
    self.step = step
    self.phase = phase
    self.operations = operations
    self.links = links
  }

  /// The file's name in the folder of verdicts.
  public static func fileName(rank: Int) -> String { "recorder-rank-\(rank).json" }

  /// Writes the file; a folder that cannot be written is not worth a second failure.
  package func write(to folder: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(self) else { return }
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? data.write(to: URL(fileURLWithPath: folder + "/" + Self.fileName(rank: rank)), options: .atomic)
  }
}
