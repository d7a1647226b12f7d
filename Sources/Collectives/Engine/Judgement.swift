import Diagnostics
import Transport

extension Membership {
  /// Takes down evidence, asks everyone where they are, and decides a little later.
  mutating func consider(_ evidence: ControlMessage.Evidence, by observer: Int, now: Nanoseconds) {
    suspicions.append((observer, evidence))
    if decideAt != nil { return }
    ask(about: evidence.progress.completed, now: now)
  }

  private mutating func ask(about operation: UInt64, now: Nanoseconds) {
    decideAt = now + settings.collectTime
    for peer in contacts where !peers[peer].hasParted { outbox.append((peer, .inquiry(operation: operation))) }
  }

  /// It is time to decide; but a rank that is just about to come to the operation on which others disagree is asked again,
  /// as its name for it says which of them is the odd one.
  mutating func decideOrAskAgain(now: Nanoseconds) {
    guard let operation = disputed, isNameMissing(of: operation), timesAskedAgain < Self.patience else {
      return decide()
    }
    timesAskedAgain += 1
    ask(about: operation, now: now)
  }

  /// How often it is asked again.
  private static let patience = 3

  /// The operation about which ranks disagree, if that is the worst that was seen.
  private var disputed: UInt64? {
    let strongest = suspicions.max { $0.evidence.cause.strength < $1.evidence.cause.strength }?.evidence
    return strongest?.cause == .disagreed ? strongest?.progress.completed : nil
  }

  private func isNameMissing(of operation: UInt64) -> Bool {
    (recorder.name(of: operation).isEmpty && !isLeaving)
      || contacts.contains { peers[$0].answer == "" && !peers[$0].hasParted }
  }

  /// Decides at once when everyone has answered, unless a dead rank's end or a name may still be on its way.
  mutating func decideIfAllAnswered() {
    guard decideAt != nil, contacts.allSatisfy({ peers[$0].answer != nil || peers[$0].hasParted }) else { return }
    if let disputed, isNameMissing(of: disputed) { return }
    if !suspicions.contains(where: { $0.evidence.cause == .link && !$0.evidence.detail.isEmpty }) { decide() }
  }

  mutating func decide() {
    decideAt = nil
    let strongest = suspicions.min { $0.evidence.cause.strength > $1.evidence.cause.strength }
    guard verdict == nil, !hasParted, let (observer, evidence) = strongest else { return }
    if isCoordinator {
      switch evidence.cause {
      case .disagreed: return conclude(disagreement(evidence))
      case .late: return conclude(absence(evidence))
      case .link where evidence.detail.isEmpty: return conclude(deadLink(evidence))
      default: break
      }
    }
    let detail = observer == 0 && isCoordinator ? evidence.detail : "\(evidence.detail), says rank \(observer)"
    conclude(verdict(on: evidence.rank, evidence.cause, detail, evidence.progress))
  }

  /// Rank 0 has given no verdict. If it has been silent for long, that is the news: what else was seen, such as connections
  /// that ended, may be others who parted because of a verdict that did not come through. If it was heard of late, it may only
  /// have been stopped for a moment; then what was seen counts.
  mutating func judgeAlone(now: Nanoseconds) {
    guard let evidence = suspicions.first?.evidence, evidence.rank != 0 else { return decide() }
    let silentAt = peers[0].lastHeard + settings.verdictTimeout + 2 * settings.heartbeatInterval
    if now > silentAt {
      conclude(
        verdict(on: 0, .silent, "no verdict came on rank \(evidence.rank), \(evidence.detail)", evidence.progress))
    } else if silentAt <= evidenceAt + 2 * settings.verdictTimeout {
      decideAt = silentAt + 1
    } else {
      decide()
    }
  }

  /// Names the rank whose operation differs from most others' (from rank 0's, if they are as many), and both operations.
  private func disagreement(_ evidence: ControlMessage.Evidence) -> Verdict {
    let number = evidence.progress.completed
    let names = [recorder.name(of: number)] + contacts.map { peers[$0].answer ?? "" }
    let known = names.filter { !$0.isEmpty }
    func votes(_ name: String) -> Int { known.count { $0 == name } }
    let most = known.map(votes).max() ?? 0
    guard let usual = known.first(where: { votes($0) == most }),
      let odd = names.firstIndex(where: { !$0.isEmpty && $0 != usual })
    else { return verdict(on: evidence.rank, .disagreed, evidence.detail, evidence.progress) }
    let witness = names.firstIndex(of: usual)!
    return Verdict(
      rank: odd, host: place.hosts[odd], cause: .disagreed,
      detail: "operation \(number) is \(names[odd]) there and \(usual) on rank \(witness)", operation: usual,
      step: evidence.progress.step)
  }

  /// Names the first rank that has not come to the operation; if all have, the link on which nothing moves.
  private func absence(_ evidence: ControlMessage.Evidence) -> Verdict {
    let number = evidence.progress.completed
    let all = [own] + contacts.map { peers[$0].progress }
    guard let missing = all.firstIndex(where: { $0.completed < number || ($0.completed == number && !$0.isActive) })
    else {
      return deadLink(evidence)
    }
    return verdict(
      on: missing, .late, "\(evidence.detail); it is at step \(all[missing].step), \(all[missing].phase)",
      evidence.progress)
  }

  /// Names the sender of a link that has sent, or wants to send, what the other end waits for.
  private func deadLink(_ evidence: ControlMessage.Evidence) -> Verdict {
    let all = [(own, traffic)] + contacts.map { (peers[$0].progress, peers[$0].traffic) }
    let last = all.filter { $0.0.isActive }.map(\.0.completed).min() ?? 0
    for (reader, (progress, links)) in all.enumerated() where progress.isActive && progress.completed == last {
      for link in links where link.isWaiting && all.indices.contains(link.peer) {
        let sender = all[link.peer]
        let other = sender.1.first { $0.peer == reader }
        if sender.0.completed > last || other.map({ $0.sent > link.received || $0.isBlocked }) ?? true {
          return verdict(on: link.peer, .link, nothing(from: link.peer, to: reader), progress)
        }
      }
    }
    // No answer tells which: it is a rank that one of the hindmost waits for, or one of those, which may have no voice any more.
    let hindmost = all.indices.filter { all[$0].0.isActive && all[$0].0.completed == last }
    let waitedFor = hindmost.flatMap { all[$0].1.filter(\.isWaiting).map(\.peer) }
    let suspects = contacts.filter((waitedFor.isEmpty ? hindmost : waitedFor).contains)
    let stalest = suspects.min { peers[$0].lastHeard < peers[$1].lastHeard }
    return verdict(on: stalest ?? evidence.rank, .link, "nothing moves any more", evidence.progress)
  }

  /// Both ends of a link on which nothing moves. Between hosts the heartbeats say more: they are small, and they come.
  private func nothing(from sender: Int, to reader: Int) -> String {
    guard place.machines[sender] != place.machines[reader] else { return "rank \(reader) gets nothing from it" }
    return
      "rank \(reader) on \(place.hosts[reader]) gets nothing from it, though heartbeats come through; one direction of"
      + " this connection is dead, or large packets are lost between the two hosts (compare the MTU of their interfaces)"
  }

  mutating func conclude(_ verdict: Verdict) {
    self.verdict = verdict
    decideAt = nil
    if isCoordinator {
      for peer in contacts where peer != verdict.rank || verdict.cause != .died {
        outbox.append((peer, .abort(verdict)))
      }
    }
  }

  mutating func partWhenAllHave(now: Nanoseconds) {
    compareOperations(now: now)
    guard isLeaving, contacts.allSatisfy({ peers[$0].hasParted }) else { return }
    hasParted = true
    for peer in contacts { outbox.append((peer, .goodbye(own))) }
  }

  func verdict(
    on rank: Int, _ cause: Verdict.Cause, _ detail: String, _ progress: ControlMessage.Progress
  ) -> Verdict {
    Verdict(
      rank: rank, host: place.hosts[rank], cause: cause, detail: detail, operation: progress.activity,
      step: progress.step)
  }
}

extension Verdict.Cause {
  /// Which of several observations to believe: what the kernel says before what a neighbour says.
  fileprivate var strength: Int {
    switch self {
    case .died: 7
    case .failed: 6
    case .diverged: 5
    case .silent: 4
    case .corrupted: 3
    case .disagreed: 2
    case .link: 1
    case .late, .absent: 0
    }
  }
}
