import Diagnostics
import Launching
import Testing

@Suite("What follows after the ranks have ended")
struct RestartPolicyTests {
  private static let failure = Ending.failed(reason: "rank 1 died", verdict: nil)
  private static let verdict = Verdict(
    rank: 1, host: "node2", cause: .died, detail: "", operation: "gradient", step: 7)
  private let policy = RestartPolicy(maximumRestarts: 5, patience: 3, firstPause: 1, longestPause: 3)

  private func decision(_ progress: [Bool], _ last: Ending = failure, stop: Bool = false) -> RestartPolicy.Decision {
    var attempts = progress.map { RestartPolicy.Attempt(Self.failure, isProgress: $0) }
    attempts[attempts.count - 1].ending = last
    return policy.decision(after: attempts, isStopRequested: stop)
  }

  @Test("a failure is followed by a restart, and the pause doubles while nothing is committed")
  func pauses() {
    #expect(decision([true]) == .restart(afterSeconds: 1))
    #expect(decision([false]) == .restart(afterSeconds: 2))
    #expect(decision([false, false]) == .restart(afterSeconds: 3))
    #expect(decision([false, false, true]) == .restart(afterSeconds: 1))
  }

  @Test("it is given up when nothing is committed, after the last restart, and once a stop was asked for")
  func givesUp() {
    #expect(
      decision([true, false, false, false]) == .giveUp(reason: "3 consecutive starts committed no new step", status: 75)
    )
    #expect(decision([true, true, true, true, true, true]) == .giveUp(reason: "it was restarted 5 times", status: 75))
    #expect(decision([true, true, true, true, true]) == .restart(afterSeconds: 1))
    #expect(decision([true], stop: true) == .giveUp(reason: "a stop was requested", status: 75))
  }

  @Test("the end of a run is the end of its launch")
  func ends() {
    #expect(decision([false], .finished) == .end(status: 0))
    #expect(decision([false], .stopped, stop: true) == .end(status: 85))
  }

  @Test("what would fail again is not started again", arguments: [2, 64, 70, 74, 76, 78] as [Int32])
  func refused(status: Int32) {
    let ending = Ending(.status(status), of: "mpirun", notes: [], verdicts: [], isComplete: false)
    guard case .giveUp(_, status) = decision([true], ending) else {
      Issue.record("\(ending)")
      return
    }
  }

  @Test("what the ranks left decides, not the launcher's status")
  func evidence() {
    func ending(_ exit: ProcessExit, _ notes: [ExitNote] = [], _ verdicts: [Verdict] = [], complete: Bool = false)
      -> Ending
    {
      Ending(exit, of: "mpirun", notes: notes, verdicts: verdicts, isComplete: complete)
    }
    let peer = ExitNote(rank: 0, status: 75, reason: "rank 1 gave up")
    let culprit = ExitNote(rank: 1, status: 2, reason: "the gradient's norm is nan")
    var disagreement = Self.verdict
    disagreement.cause = .disagreed
    #expect(ending(.status(75), [peer, culprit], [Self.verdict]) == .refused(status: 2, reason: culprit.reason))
    #expect(ending(.status(0), [], [Self.verdict], complete: true).verdict == Self.verdict)
    #expect(ending(.status(137), [], [Self.verdict]).verdict == Self.verdict)
    guard case .refused(76, _) = ending(.status(75), [], [disagreement]) else { Issue.record("76"); return }
    #expect(ending(.status(0), complete: true) == .finished)
    #expect(ending(.status(0)) == .failed(reason: "mpirun ended before the run was complete", verdict: nil))
    #expect(ending(.status(137)) == .failed(reason: "a rank was killed by signal 9 (SIGKILL)", verdict: nil))
    #expect(
      ending(.signal(9), complete: true) == .failed(reason: "mpirun was killed by signal 9 (SIGKILL)", verdict: nil))
    let lost = ExitNote(rank: 1, status: 78, reason: "there is no process manager")
    #expect(ending(.signal(9), [lost]) == .failed(reason: "mpirun was killed by signal 9 (SIGKILL)", verdict: nil))
    #expect(ending(.status(78), [lost]) == .refused(status: 78, reason: lost.reason))
    #expect(ending(.status(1)).reason == "mpirun ended with status 1; its output above says why")
    #expect(ending(.status(85)) == .stopped)
    #expect(ending(.status(137), [ExitNote(rank: 1, status: 85, reason: "")]) == .stopped)
    #expect(ending(.status(75), [peer]) == .failed(reason: "rank 1 gave up", verdict: nil))
  }

  @Test("the verdict that most ranks share is believed")
  func majority() {
    var hasty = Self.verdict
    hasty.rank = 2
    let ending = Ending(
      .status(75), of: "mpirun", notes: [], verdicts: [hasty, Self.verdict, Self.verdict], isComplete: false)
    #expect(ending.verdict == Self.verdict)
  }
}
