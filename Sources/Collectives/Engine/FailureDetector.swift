import Diagnostics
import Transport

/// Decides, from what ranks saw and say, which of them failed first.
///
/// On rank 0 it has everyone's testimony; on another rank it waits for rank 0's verdict and knows no more than what was seen there.
/// A pure function of its calls: it asks nobody, but says when everyone must be asked.
struct FailureDetector {
  /// What a rank says of itself.
  struct Testimony {
    var progress: ControlMessage.Progress
    /// Its name for the operation in question: empty if it has not come to it, nil if it has not answered.
    var name: String?
    var traffic: [ControlMessage.Traffic]
    var hasParted: Bool
    var lastHeard: Nanoseconds
  }

  /// What rank 0 does when the time to collect is over.
  enum Decision {
    case ask(operation: UInt64)
    case conclude(Verdict)
  }

  private let info: RankInfo
  private let settings: Settings
  private var suspicions: [(by: Int, evidence: ControlMessage.Evidence)] = []
  /// When to decide, once something was seen.
  private(set) var decideAt: Nanoseconds?
  private var timesAskedAgain = 0
  private var evidenceAt: Nanoseconds = 0

  /// How often a name that is missing is asked for again.
  private static let patience = 3

  init(info: RankInfo, settings: Settings) {
    self.info = info
    self.settings = settings
  }

  /// What counts most of all that was seen; of several the first.
  private var strongest: (by: Int, evidence: ControlMessage.Evidence)? {
    suspicions.min { $0.evidence.cause.strength > $1.evidence.cause.strength }
  }

  /// The operation that testimonies must be about.
  var question: UInt64? { strongest?.evidence.progress.completed }

  // MARK: On rank 0

  /// Takes down evidence, to decide a little later; returns the operation about which everyone must be asked, if nobody was yet.
  mutating func consider(_ evidence: ControlMessage.Evidence, by observer: Int, now: Nanoseconds) -> UInt64? {
    suspicions.append((observer, evidence))
    if decideAt != nil { return nil }
    decideAt = now + settings.collectTime
    return evidence.progress.completed
  }

  /// It is time to decide; but a rank that is just about to come to the operation on which others disagree is asked again,
  /// as its name for it says which of them is the odd one.
  mutating func decideOrAskAgain(_ all: [Testimony], now: Nanoseconds) -> Decision? {
    if let question, isDisputed, Self.isNameMissing(all), timesAskedAgain < Self.patience {
      timesAskedAgain += 1
      decideAt = now + settings.collectTime
      return .ask(operation: question)
    }
    return decide(all).map { .conclude($0) }
  }

  /// Decides at once when everyone has answered, unless a dead rank's end or a name may still be on its way.
  mutating func decideIfAllAnswered(_ all: [Testimony]) -> Verdict? {
    guard decideAt != nil, all.allSatisfy({ $0.name != nil || $0.hasParted }) else { return nil }
    if isDisputed, Self.isNameMissing(all) { return nil }
    let mayBeDeath = suspicions.contains { $0.evidence.cause == .link && !$0.evidence.detail.isEmpty }
    return mayBeDeath ? nil : decide(all)
  }

  /// Whether ranks disagree about an operation, and that is the worst that was seen.
  private var isDisputed: Bool { strongest?.evidence.cause == .disagreed }

  private static func isNameMissing(_ all: [Testimony]) -> Bool { all.contains { $0.name == "" && !$0.hasParted } }

  private mutating func decide(_ all: [Testimony]) -> Verdict? {
    decideAt = nil
    guard let (observer, evidence) = strongest else { return nil }
    switch evidence.cause {
    case .disagreed: return disagreement(evidence, all)
    case .late: return absence(evidence, all)
    case .link where evidence.detail.isEmpty: return deadLink(evidence, all)
    default: return verdict(evidence, seenBy: observer == 0 ? nil : observer)
    }
  }

  /// The verdict that what was seen suggests by itself.
  private func verdict(_ evidence: ControlMessage.Evidence, seenBy observer: Int?) -> Verdict {
    let detail = observer.map { "\(evidence.detail), says rank \($0)" } ?? evidence.detail
    return Verdict(on: evidence.rank, of: info, evidence.cause, detail, evidence.progress)
  }

  /// Names the rank whose operation differs from most others' (from rank 0's, if they are as many), and both operations.
  private func disagreement(_ evidence: ControlMessage.Evidence, _ all: [Testimony]) -> Verdict {
    let names = all.map { $0.name ?? "" }
    let known = names.filter { !$0.isEmpty }
    func votes(_ name: String) -> Int { known.count { $0 == name } }
    let most = known.map(votes).max() ?? 0
    guard let usual = known.first(where: { votes($0) == most }),
      let odd = names.firstIndex(where: { !$0.isEmpty && $0 != usual })
    else { return verdict(evidence, seenBy: nil) }
    let witness = names.firstIndex(of: usual)!
    let number = evidence.progress.completed
    return Verdict(
      rank: odd, host: info.hosts[odd], cause: .disagreed,
      detail: "operation \(number) is \(names[odd]) there and \(usual) on rank \(witness)", operation: usual,
      step: evidence.progress.step)
  }

  /// Names the first rank that has not come to the operation; if all have, the link on which nothing moves.
  private func absence(_ evidence: ControlMessage.Evidence, _ all: [Testimony]) -> Verdict {
    let number = evidence.progress.completed
    let missing = all.map(\.progress).firstIndex {
      $0.completed < number || ($0.completed == number && !$0.isActive)
    }
    guard let missing else { return deadLink(evidence, all) }
    let progress = all[missing].progress
    let detail = "\(evidence.detail); it is at step \(progress.step), \(progress.phase)"
    return Verdict(on: missing, of: info, .late, detail, evidence.progress)
  }

  /// Names the sender of a link that has sent, or wants to send, what the other end waits for.
  private func deadLink(_ evidence: ControlMessage.Evidence, _ all: [Testimony]) -> Verdict {
    let last = all.map(\.progress).filter(\.isActive).map(\.completed).min() ?? 0
    let hindmost = all.indices.filter { all[$0].progress.isActive && all[$0].progress.completed == last }
    for reader in hindmost {
      for link in all[reader].traffic where link.isWaiting && all.indices.contains(link.peer) {
        let sender = all[link.peer]
        let other = sender.traffic.first { $0.peer == reader }
        if sender.progress.completed > last || other.map({ $0.sent > link.received || $0.isBlocked }) ?? true {
          return Verdict(on: link.peer, of: info, .link, nothing(from: link.peer, to: reader), all[reader].progress)
        }
      }
    }
    // No answer shows which: it is a rank that one of the hindmost waits for, or one of those, which may have no voice any more.
    let waitedFor = hindmost.flatMap { all[$0].traffic.filter(\.isWaiting).map(\.peer) }
    let suspects = all.indices.dropFirst().filter((waitedFor.isEmpty ? hindmost : waitedFor).contains)
    let stalest = suspects.min { all[$0].lastHeard < all[$1].lastHeard }
    return Verdict(on: stalest ?? evidence.rank, of: info, .link, "nothing moves any more", evidence.progress)
  }

  /// Both ends of a link on which nothing moves. Between hosts the heartbeats say more: they are small, and they come.
  private func nothing(from sender: Int, to reader: Int) -> String {
    guard info.machines[sender] != info.machines[reader] else { return "rank \(reader) gets nothing from it" }
    return
      "rank \(reader) on \(info.hosts[reader]) gets nothing from it, though heartbeats come through; one direction of"
      + " this connection is dead, or large packets are lost between the two hosts (compare the MTU of their interfaces)"
  }

  /// The ranks that have parted while another is in an operation, or that call an operation something else than another does.
  static func disagreements(among all: [Testimony]) -> [(by: Int, evidence: ControlMessage.Evidence)] {
    var found: [(by: Int, evidence: ControlMessage.Evidence)] = []
    var seen: [UInt64: (rank: Int, signature: UInt64)] = [:]
    let furthest = all.map(\.progress).filter(\.isActive).map(\.completed).max()
    for (rank, testimony) in all.enumerated() {
      let progress = testimony.progress
      // Rank 0 may want to part while its last operation runs.
      if testimony.hasParted, rank > 0 || !progress.isActive {
        guard let furthest, furthest >= progress.completed else { continue }
        let detail = "it left after \(progress.completed) operations, while another rank continues"
        found.append((0, .init(rank: rank, cause: .disagreed, detail: detail, progress: progress)))
      } else if progress.isActive {
        if let other = seen[progress.completed], other.signature != progress.signature {
          found.append((other.rank, .init(rank: rank, cause: .disagreed, detail: "", progress: progress)))
        }
        seen[progress.completed] = (rank, progress.signature)
      }
    }
    return found
  }

  // MARK: On the other ranks

  /// Takes down what this rank saw and has reported, and waits for rank 0's verdict.
  mutating func awaitVerdict(on evidence: ControlMessage.Evidence, now: Nanoseconds) {
    if decideAt == nil {
      decideAt = now + settings.verdictTimeout
      evidenceAt = now
    }
    suspicions.append((info.rank, evidence))
  }

  /// Rank 0 has given no verdict. If it has been silent for long, that is the news: what else was seen, such as connections
  /// that ended, may be others who parted because of a verdict that did not come through. If it was heard of late, it may only
  /// have been stopped for a moment; then what was seen counts.
  mutating func decideAlone(coordinatorHeard: Nanoseconds, now: Nanoseconds) -> Verdict? {
    guard let first = suspicions.first?.evidence, first.rank != 0 else { return decideAlone() }
    let silentAt = coordinatorHeard + settings.verdictTimeout + 2 * settings.heartbeatInterval
    if now > silentAt {
      decideAt = nil
      let detail = "no verdict came on rank \(first.rank), \(first.detail)"
      return Verdict(on: 0, of: info, .silent, detail, first.progress)
    }
    guard silentAt > evidenceAt + 2 * settings.verdictTimeout else {
      decideAt = silentAt + 1
      return nil
    }
    return decideAlone()
  }

  private mutating func decideAlone() -> Verdict? {
    decideAt = nil
    return strongest.map { verdict($0.evidence, seenBy: $0.by) }
  }
}

extension Verdict {
  /// A verdict on a rank that was found while this one had come so far.
  init(
    on rank: Int, of info: RankInfo, _ cause: Cause, _ detail: String, _ progress: ControlMessage.Progress
  ) {
    self.init(
      rank: rank, host: info.hosts[rank], cause: cause, detail: detail, operation: progress.activity,
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
