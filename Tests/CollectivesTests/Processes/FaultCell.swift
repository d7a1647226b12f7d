import Diagnostics
import Foundation
import Testing

/// One cell of the matrix of faults: what goes wrong, in which phase of a job, on which of three ranks.
struct FaultCell: CustomTestStringConvertible, Sendable {
  enum Cause: String, CaseIterable {
    case kill, trap, exit, freeze, pause, hang, cut, swallow, corrupt, rename, terminate
  }

  /// Phases of `SmallJob`, as points of `FaultInjection`: the sum of step 0 is operation 0, that of step 2 operation 4.
  enum Phase: String, CaseIterable {
    case join
    case first = "reduce-scatter,number:0"
    case reduceScatter = "reduce-scatter,number:4"
    case allGather = "all-gather,number:4"
    case compute = "compute,number:2"
    case evaluation = "evaluation,number:2"
    case prepare = "prepare,number:3"
    case prepared = "prepared,number:3"
    case shutdown

    var isInsideOperation: Bool { self == .first || self == .reduceScatter || self == .allGather }
  }

  static let size = 3

  let cause: Cause
  let phase: Phase
  let culprit: Int

  var testDescription: String { "\(cause) at \(phase) on rank \(culprit)" }

  /// Every cell that makes sense.
  static let all = Cause.allCases.flatMap { cause in
    Phase.allCases.flatMap { phase in
      (0..<size).map { FaultCell(cause: cause, phase: phase, culprit: $0) }.filter(\.makesSense)
    }
  }

  /// A third of the pairs of cause and phase, one culprit each: every cause, phase and position several times.
  static let sample = all.filter { cell in
    let (cause, phase) = (Cause.allCases.firstIndex(of: cell.cause)!, Phase.allCases.firstIndex(of: cell.phase)!)
    return (cause + phase) % 3 == 0 && (cause + phase) / 3 % size == cell.culprit
  }

  /// All cells where `LOCKSTEP_FAULTS` is `all`, such as overnight; else the sample.
  static let chosen = ProcessInfo.processInfo.environment["LOCKSTEP_FAULTS"] == "all" ? all : sample

  private var makesSense: Bool {
    switch cause {
    // Before the ranks meet there are no links and no operations, and nobody watches the program's thread.
    case .cut, .swallow, .corrupt, .rename, .hang: phase != .join && !(cause == .hang && phase == .shutdown)
    default: true
    }
  }

  /// Whether sums go over connections; else through memory that the ranks share. Faults of links need links.
  var usesLinks: Bool { [.cut, .swallow, .corrupt].contains(cause) || culprit == 1 }

  var next: Int { (culprit + 1) % Self.size }

  /// What the job must come to.
  struct Expectation {
    /// Of the ranks that nothing was done to.
    var status: Int32
    /// Of the other one; nil if it never ends by itself.
    var culpritStatus: Int32?
    var verdict: Verdict.Cause?
    /// Whom a verdict may name.
    var named: Set<Int>
    /// Seconds from the fault to the end of all others.
    var seconds: Double
    var culpritKnows = false
  }

  var expectation: Expectation {
    switch cause {
    case .kill: death(137)
    // Swift traps by an illegal instruction, on arm64 by a breakpoint.
    case .trap: death(Self.trapStatus)
    case .exit: death(0)
    case .freeze:
      Expectation(status: 75, verdict: .silent, named: [culprit], seconds: 6)
    case .pause: harmless
    case .hang: hang
    case .cut: link(.link, named: [culprit, next], seconds: 3)
    case .swallow: link(.link, named: [culprit, next], seconds: 6)
    case .corrupt: link(.corrupted, named: [culprit], seconds: 3)
    case .rename:
      phase == .shutdown
        ? harmless
        : Expectation(
          status: 76, culpritStatus: 76, verdict: .disagreed, named: [culprit], seconds: 3, culpritKnows: true)
    case .terminate:
      phase == .shutdown ? harmless : Expectation(status: 85, culpritStatus: 85, named: [], seconds: 10)
    }
  }

  #if arch(x86_64)
    private static let trapStatus: Int32 = 128 + SIGILL
  #else
    private static let trapStatus: Int32 = 128 + SIGTRAP
  #endif

  private var harmless: Expectation { Expectation(status: 0, culpritStatus: 0, named: [], seconds: 10) }

  private func death(_ status: Int32) -> Expectation {
    phase == .join
      ? Expectation(status: 75, culpritStatus: status, verdict: .absent, named: [culprit], seconds: 6)
      : Expectation(status: 75, culpritStatus: status, verdict: .died, named: [culprit], seconds: 3)
  }

  /// A thread that hangs inside an operation takes the links with it, so the watchdog ends the process; one that hangs in the
  /// program leaves the links alive, so the others wait for its operation, and end it with them.
  private var hang: Expectation {
    phase.isInsideOperation
      ? Expectation(status: 75, culpritStatus: 70, verdict: .silent, named: [culprit], seconds: 6)
      : Expectation(
        status: 75, culpritStatus: 75, verdict: .late, named: [culprit], seconds: 8, culpritKnows: true)
  }

  /// A fault of the link shows as soon as something is to go over it.
  private func link(_ cause: Verdict.Cause, named: Set<Int>, seconds: Double) -> Expectation {
    phase == .shutdown
      ? harmless
      : Expectation(
        status: 75, culpritStatus: 75, verdict: cause, named: named, seconds: seconds, culpritKnows: true)
  }
}
