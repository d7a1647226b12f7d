import Foundation
import Glibc
import Synchronization

/// Deliberate faults for tests of failure: `LOCKSTEP_FAULT=rank:1,point:reduce-scatter,number:3,do:kill`.
///
/// Points inside an operation are "reduce-scatter" (its first half) and "all-gather" (its second), and `number` is the operation's;
/// elsewhere the program names its own points and numbers: "step" is the end of a committed step, before it is compared or saved.
/// Without the variable nothing happens.
public struct FaultInjection: Sendable, Equatable {
  /// What happens at the point.
  public enum Action: String, Sendable {
    case kill, exit, abort, freeze, hang
    case exitThree = "exit3"
    /// Asks itself to stop, as a launcher would (SIGTERM).
    case terminate
    /// Flips a bit of the program's own state, which the program does.
    case flip
  }

  public var rank: Int
  public var point: String
  /// At which occurrence; nil for any.
  public var number: UInt64?
  public var action: Action

  /// Reads the fault from the environment's text; nil if it does not say exactly one.
  public init?(_ text: String) {
    var fields: [Substring: Substring] = [:]
    for field in text.split(separator: ",") {
      let parts = field.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      fields[parts[0]] = parts[1]
    }
    guard let rank = fields["rank"].flatMap({ Int($0) }), let point = fields["point"],
      let action = fields["do"].flatMap({ Action(rawValue: String($0)) })
    else { return nil }
    self.rank = rank
    self.point = String(point)
    self.action = action
    number = fields["number"].flatMap { UInt64($0) }
  }

  /// The fault this process was started with.
  public static let planned = ProcessInfo.processInfo.environment["LOCKSTEP_FAULT"].flatMap(FaultInjection.init)

  /// Says that a rank has come to a point; does what is planned for it there.
  public static func reach(_ point: String, rank: Int, number: UInt64 = 0) {
    if isPlanned(at: point, rank: rank, number: number) { planned?.perform() }
  }

  /// Whether a bit of the program's own state is to be flipped at this point.
  public static func flips(at point: String, rank: Int, number: UInt64) -> Bool {
    planned?.action == .flip && isPlanned(at: point, rank: rank, number: number)
  }

  private static func isPlanned(at point: String, rank: Int, number: UInt64) -> Bool {
    guard let planned else { return false }
    return planned.rank == rank && planned.point == point && planned.number ?? number == number
  }

  func perform() {
    switch action {
    case .kill: Glibc.kill(getpid(), SIGKILL)
    case .exit: Glibc._exit(0)
    case .exitThree: Glibc._exit(3)
    case .abort: Glibc.abort()
    case .freeze: Glibc.kill(getpid(), SIGSTOP)
    case .hang: while true { sleep(60) }
    case .terminate: Glibc.kill(getpid(), SIGTERM)
    case .flip: break
    }
  }
}
