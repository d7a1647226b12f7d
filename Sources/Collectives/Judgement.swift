extension Membership {
  /// Takes down evidence, asks everyone where they are, and decides a little later.
  mutating func consider(_ evidence: ControlMessage.Evidence, by observer: Int, now: Nanoseconds) {
    suspicions.append((observer, evidence))
    if decideAt != nil { return }
    decideAt = now + settings.collectTime
    for peer in contacts where !peers[peer].hasParted {
      outbox.append((peer, .inquiry(operation: evidence.progress.completed)))
    }
  }

  mutating func decide() {
    decideAt = nil
    let strongest = suspicions.min { $0.evidence.cause.strength > $1.evidence.cause.strength }
    guard verdict == nil, !hasParted, let (observer, evidence) = strongest else { return }
    if evidence.cause == .disagreed, isCoordinator { return conclude(disagreement(evidence)) }
    let detail = observer == 0 && isCoordinator ? evidence.detail : "\(evidence.detail), says rank \(observer)"
    conclude(verdict(on: evidence.rank, evidence.cause, detail, evidence.progress))
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
    case .died: 6
    case .failed: 5
    case .silent: 4
    case .corrupted: 3
    case .disagreed: 2
    case .link: 1
    case .late: 0
    }
  }
}
