/// What it costs to move and add bytes, in seconds: what a machine was measured to need, and what a network is said to offer.
public struct NetworkCosts: Sendable, Equatable {
  /// A message's way between two hosts, without what processors do for it.
  public var latency: Double
  /// A processor's work for one message that a rank sends and one that it receives.
  public var messageWork: Double
  /// The same where a host has more ranks than cores, so that none may spin.
  public var crowdedMessageWork: Double
  /// A processor's work for a byte that a rank sends, one that it receives and one that it adds.
  public var byteWork: Double
  /// A byte on a host's wire, each way; 0 inside a machine.
  public var wireByte: Double
  /// A byte of a vector that the ranks of one host add in memory that they share.
  public var sharedByte: Double

  public init(
    latency: Double, messageWork: Double, crowdedMessageWork: Double, byteWork: Double, wireByte: Double,
    sharedByte: Double
  ) {
    self.latency = latency
    self.messageWork = messageWork
    self.crowdedMessageWork = crowdedMessageWork
    self.byteWork = byteWork
    self.wireByte = wireByte
    self.sharedByte = sharedByte
  }

  /// Costs of nothing.
  package static let free = NetworkCosts(
    latency: 0, messageWork: 0, crowdedMessageWork: 0, byteWork: 0, wireByte: 0, sharedByte: 0)

  /// What processors do of it, without the waiting.
  package var work: NetworkCosts {
    var work = self
    (work.latency, work.wireByte) = (0, 0)
    return work
  }
}
