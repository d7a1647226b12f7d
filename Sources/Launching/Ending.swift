import Diagnostics

/// How one start of the ranks ended.
public enum Ending: Equatable, Sendable {
  /// The run is complete.
  case finished
  /// All ranks stopped on request, with a committed checkpoint.
  case stopped
  /// A start that would fail the same way again, with the status of the rank that said so.
  case refused(status: Int32, reason: String)
  /// A rank, a host, the network or the launcher failed: another start may succeed.
  case failed(reason: String, verdict: Verdict?)

  /// Statuses of ranks after which starting again makes no sense: wrong input, wrong command line, a fault of the program,
  /// files that cannot be written, disagreement, wrong layout.
  private static let hopeless: [Int32] = [2, 64, 76, 78, 74, 70]
  private static let stopStatus: Int32 = 85
  private static let layoutStatus: Int32 = 78

  /// Judges by what the ranks left on disk first, and by the launcher's status last: of several ranks that fail, a launcher reports
  /// any one, and of those that it ends itself, the way in which it did.
  ///
  /// - Parameters:
  ///   - exit: how the launcher ended.
  ///   - launcher: its name.
  ///   - notes: what ranks said when they gave up.
  ///   - verdicts: what ranks knew of the failure of others.
  ///   - isComplete: whether the run left its results.
  ///   - death: how the first rank that failed was killed, if it was.
  package init(
    _ exit: ProcessExit, of launcher: String, notes: [ExitNote], verdicts: [Verdict], isComplete: Bool,
    death: Death? = nil
  ) {
    // Ranks whose launcher is killed while they start find no process manager, which is not a fault of the layout.
    let notes = exit.isSignal ? notes.filter { $0.status != Self.layoutStatus } : notes
    let final = Self.hopeless.lazy.compactMap { status in notes.first { $0.status == status } }.first
    if let final {
      self = .refused(status: final.status, reason: final.reason)
    } else if let verdict = Self.prevailing(verdicts) {
      let end = verdict.cause == .died ? death.map { "; \($0.words)" } : nil
      self =
        verdict.exitStatus == 76
        ? .refused(status: verdict.exitStatus, reason: verdict.description)
        : .failed(reason: verdict.finding + (end ?? ""), verdict: verdict)
    } else if exit == .status(Self.stopStatus) || notes.contains(where: { $0.status == Self.stopStatus }) {
      self = .stopped
    } else if exit == .status(0), isComplete || notes.contains(where: { $0.status == 0 }) {
      self = .finished
    } else if case .status(let status) = exit, Self.hopeless.contains(status) {
      self = .refused(status: status, reason: "a rank ended with status \(status); its own output says why")
    } else if let note = notes.first {
      self = .failed(reason: note.reason, verdict: nil)
    } else {
      self = .failed(reason: death.map { "a rank was \($0.words)" } ?? exit.reason(launcher), verdict: nil)
    }
  }

  /// The verdict that most ranks share; of equals the first. A rank that saw its neighbours end may have judged before it heard.
  private static func prevailing(_ verdicts: [Verdict]) -> Verdict? {
    func voices(_ verdict: Verdict) -> Int { verdicts.count { ($0.rank, $0.cause) == (verdict.rank, verdict.cause) } }
    return verdicts.reduce(nil) { best, next in
      best.map { voices(next) > voices($0) ? next : $0 } ?? next
    }
  }

  /// The word that the history uses.
  var name: String {
    switch self {
    case .finished: "finished"
    case .stopped: "stopped"
    case .refused: "refused"
    case .failed: "failed"
    }
  }

  package var reason: String? {
    switch self {
    case .finished, .stopped: nil
    case .refused(_, let reason), .failed(let reason, _): reason
    }
  }

  package var verdict: Verdict? {
    if case .failed(_, let verdict) = self { verdict } else { nil }
  }
}

extension Verdict {
  /// What was found, without what to do: the supervisor does it.
  fileprivate var finding: String {
    "rank \(rank) on \(host) \(cause.words): \(detail) (step \(step), \(operation))"
  }
}
