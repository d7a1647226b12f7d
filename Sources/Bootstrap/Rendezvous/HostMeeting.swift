import Collectives
import Glibc
import Transport

/// How ranks of one host come to share memory: each makes its own and announces it with its card, maps everyone else's, and
/// all of them use it only if all can.
struct HostMeeting {
  private let segment: SharedSegment?
  private let doorbell: Doorbell?

  /// What goes into this rank's card; empty where it has no memory to share.
  let announcement: Card.Segment

  /// How long ranks may take to map each other's memory.
  private static let patience: Nanoseconds = 10_000_000_000

  /// - Parameter isWanted: whether the settings allow it.
  init(isWanted: Bool) {
    let nonce = Nonce.fresh()
    guard isWanted, let doorbell = try? Doorbell(), let segment = SharedSegment(nonce: nonce) else {
      (segment, doorbell, announcement) = (nil, nil, Card.Segment())
      return
    }
    segment.words[.port] = UInt64(doorbell.port)
    self.segment = segment
    self.doorbell = doorbell
    announcement = Card.Segment(descriptor: UInt32(segment.descriptor), nonce: nonce)
  }

  /// Maps the memory of all ranks of this host; nil, on all of them, where any of them cannot or there is but one.
  ///
  /// A rank that cannot see another says so in its own memory; who cannot see that cannot itself, so all come to one answer.
  /// - Throws: `GroupError.rendezvous` where a rank does not say whether it can.
  func open(_ cards: [Card], rank: Int) throws(GroupError) -> HostMemory? {
    let neighbours = cards.indices.filter { cards[$0].machine == cards[rank].machine }
    let isPossible = neighbours.count > 1 && neighbours.allSatisfy { cards[$0].segment.nonce.count == 32 }
    guard isPossible, let segment, let doorbell else { return nil }
    let others = neighbours.map { peer in
      peer == rank
        ? segment
        : SharedSegment(
          of: cards[peer].process, descriptor: cards[peer].segment.descriptor, nonce: cards[peer].segment.nonce)
    }
    let seen = others.compactMap { $0 }
    segment.words[.state] = (seen.count == neighbours.count ? SharedSegment.State.ready : .unable).rawValue
    let deadline = System.now + Self.patience
    for (peer, other) in zip(neighbours, others) {
      guard let other else { return nil }
      while other.words[.state] == SharedSegment.State.unknown.rawValue {
        guard System.now < deadline else {
          throw .rendezvous(
            reason: "rank \(peer) on \(cards[peer].host) does not map the memory of this host's ranks",
            advice: "check that rank's own output")
        }
        usleep(200)
      }
      if other.words[.state] != SharedSegment.State.ready.rawValue { return nil }
    }
    return HostMemory(
      rank: neighbours.firstIndex(of: rank)!, of: neighbours, segments: seen, doorbell: doorbell)
  }
}
