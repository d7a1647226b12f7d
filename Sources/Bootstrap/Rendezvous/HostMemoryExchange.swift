import Collectives
import Glibc
import Transport

/// How ranks of one host come to share memory: each makes its own and announces it with its peer info, maps everyone else's, and
/// all of them use it only if all can.
struct HostMemoryExchange {
  private let window: SharedWindow?
  private let doorbell: Doorbell?

  /// What goes into this rank's peer info; empty where it has no memory to share.
  let announcement: PeerInfo.Window

  /// How long ranks may take to map each other's memory.
  private static let patience: Nanoseconds = 10_000_000_000

  /// - Parameter isWanted: whether the settings allow it.
  init(isWanted: Bool) {
    let nonce = Nonce.fresh()
    guard isWanted, let doorbell = try? Doorbell(), let window = SharedWindow(nonce: nonce) else {
      (window, doorbell, announcement) = (nil, nil, PeerInfo.Window())
      return
    }
    window.words[.port] = UInt64(doorbell.port)
    self.window = window
    self.doorbell = doorbell
    announcement = PeerInfo.Window(descriptor: UInt32(window.descriptor), nonce: nonce)
  }

  /// Maps the memory of all ranks of this host; nil, on all of them, where any of them cannot or there is but one.
  ///
  /// A rank that cannot see another says so in its own memory; who cannot see that cannot itself, so all come to one answer.
  /// - Throws: `GroupError.rendezvous` where a rank does not say whether it can.
  func open(_ peerInfos: [PeerInfo], rank: Int) throws(GroupError) -> HostMemory? {
    let neighbours = peerInfos.indices.filter { peerInfos[$0].machine == peerInfos[rank].machine }
    let isPossible = neighbours.count > 1 && neighbours.allSatisfy { peerInfos[$0].window.nonce.count == 32 }
    guard isPossible, let window, let doorbell else { return nil }
    let others = neighbours.map { peer in
      peer == rank
        ? window
        : SharedWindow(
          of: peerInfos[peer].process, descriptor: peerInfos[peer].window.descriptor,
          nonce: peerInfos[peer].window.nonce)
    }
    let seen = others.compactMap { $0 }
    window.words[.state] = (seen.count == neighbours.count ? SharedWindow.State.ready : .unable).rawValue
    let deadline = System.now + Self.patience
    for (peer, other) in zip(neighbours, others) {
      guard let other else { return nil }
      while other.words[.state] == SharedWindow.State.unknown.rawValue {
        guard System.now < deadline else {
          throw .rendezvous(
            reason: "rank \(peer) on \(peerInfos[peer].host) does not map the memory of this host's ranks",
            advice: "check that rank's own output")
        }
        usleep(200)
      }
      if other.words[.state] != SharedWindow.State.ready.rawValue { return nil }
    }
    return HostMemory(
      rank: neighbours.firstIndex(of: rank)!, of: neighbours, windows: seen, doorbell: doorbell)
  }
}
