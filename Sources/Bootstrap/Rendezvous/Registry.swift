import Collectives
import Crypto
import Diagnostics
import Glibc
import Transport

/// Rank 0's side of a rendezvous without process manager: waits for everyone's peer info, then hands all of it round.
struct Registry {
  private struct Arrival {
    let connection: Connection
    var opening: Envelope.Opening
    var peerInfo: PeerInfo?
  }

  let size: Int
  let epoch: UInt32
  let terms: LinkTerms
  private(set) var acceptor: Acceptor
  private var arrivals: [Int: Arrival] = [:]

  init(size: Int, epoch: UInt32, terms: LinkTerms, acceptor: Acceptor) {
    self.size = size
    self.epoch = epoch
    self.terms = terms
    self.acceptor = acceptor
  }

  /// Waits until all ranks have come; if they do not, those that came learn who is missing.
  mutating func run(own: PeerInfo, seconds: Nanoseconds, until deadline: Nanoseconds) throws(GroupError) -> [PeerInfo] {
    do throws(GroupError) {
      while !isComplete {
        let now = System.now
        guard now < deadline else { throw absence(after: seconds) }
        wait(until: min(deadline, now + 50_000_000), now: now)
        try read()
        try admit(System.now)
      }
      let peerInfos = [own] + (1..<size).map { arrivals[$0]!.peerInfo! }
      try PeerInfo.check(peerInfos)
      reply(.peerInfos(peerInfos), until: deadline + HandshakeInProgress.time)
      return peerInfos
    } catch {
      reply(Roster(error), until: System.now + HandshakeInProgress.time)
      throw error
    }
  }

  private var isComplete: Bool { (1..<size).allSatisfy { arrivals[$0]?.peerInfo != nil } }

  private func absence(after nanoseconds: Nanoseconds) -> GroupError {
    let missing = (1..<size).filter { arrivals[$0]?.peerInfo == nil }
    let detail = "\(RankList.words(missing)) did not come within \(nanoseconds / 1_000_000_000) s\(acceptor.refusals)"
    return GroupError(Verdict(absent: missing[0], detail: detail))
  }

  private func wait(until time: Nanoseconds, now: Nanoseconds) {
    var descriptors = acceptor.interests
    for arrival in arrivals.values {
      descriptors.append(pollfd(fd: arrival.connection.socket.descriptor, events: Int16(POLLIN), revents: 0))
    }
    _ = poll(&descriptors, nfds_t(descriptors.count), Int32((time - now) / 1_000_000 + 1))
  }

  private mutating func admit(_ now: Nanoseconds) throws(GroupError) {
    let (size, epoch, terms) = (size, epoch, terms)
    let admitted = acceptor.admit(now) { subject in
      guard subject.kind == .rendezvous, subject.destination == 0, 1..<size ~= subject.source else {
        return .refused("a connection that is not expected here")
      }
      return subject.epoch == epoch
        ? .terms(terms) : .refused("attempt \(subject.epoch), where \(epoch) runs")
    }
    for connection in admitted {
      let rank = connection.subject.source
      if let earlier = arrivals[rank] {
        let place = earlier.peerInfo.map { ", one of them on \($0.host)" } ?? ""
        throw .layout(
          reason: "two processes say that they are rank \(rank)\(place)",
          advice: "give every process its own rank")
      }
      let key = connection.keys.key(for: "card", fromClient: true)
      arrivals[rank] = Arrival(connection: connection, opening: .init(key: key, limit: Roster.peerInfoLimit))
    }
  }

  /// Reads peer info, and notices ranks that are gone again.
  private mutating func read() throws(GroupError) {
    for rank in arrivals.keys.sorted() {
      var isOpen = true
      while isOpen {
        // Behind its peer info a rank says nothing more.
        let wanted = arrivals[rank]!.peerInfo == nil ? arrivals[rank]!.opening.wanted : 1
        var room = [UInt8](repeating: 0, count: wanted)
        switch room.withUnsafeMutableBytes({ arrivals[rank]!.connection.socket.receive($0) }) {
        case .wouldBlock: isOpen = false
        case .moved(let count):
          if arrivals[rank]!.peerInfo != nil { throw corruption(rank, "more than its peer info came") }
          try take(room[..<count], from: rank)
        case .ended(let end):
          guard let peerInfo = arrivals[rank]!.peerInfo else {
            arrivals[rank] = nil
            isOpen = false
            continue
          }
          throw GroupError(
            Verdict(
              rank: rank, host: peerInfo.host, cause: .died, detail: end.words,
              operation: Verdict.rendezvous, step: 0))
        }
      }
    }
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>, from rank: Int) throws(GroupError) {
    switch arrivals[rank]!.opening.receive(bytes) {
    case .goesOn: break
    case .refused(let reason): throw corruption(rank, reason)
    case .body(let body):
      guard let peerInfo = try? PeerInfo(decoding: body) else {
        throw .layout(
          reason: "rank \(rank) runs another version of this program", advice: "start the same binary on every host")
      }
      arrivals[rank]!.peerInfo = peerInfo
    }
  }

  private func corruption(_ rank: Int, _ detail: String) -> GroupError {
    GroupError(
      Verdict(
        rank: rank, host: arrivals[rank]?.peerInfo?.host ?? Verdict.unknownHost, cause: .corrupted, detail: detail,
        operation: Verdict.rendezvous, step: 0))
  }

  /// Sends everyone who came the same answer. Who does not take it will be missed soon enough.
  private func reply(_ roster: Roster, until deadline: Nanoseconds) {
    let body = roster.encoded()
    for arrival in arrivals.values {
      let key = arrival.connection.keys.key(for: "roster", fromClient: false)
      _ = arrival.connection.socket.sendAll(Envelope.seal(body, with: key), until: deadline)
    }
  }
}
