import Console
import Foundation
import Glibc
import Synchronization
import Transport

/// Deliberate faults for tests of failure: `LOCKSTEP_FAULT=rank:1,point:reduce-scatter,number:3,do:kill`.
///
/// The rank does it once, when it first reaches the point, and says so on standard error. Points:
///
/// - `join`: before this rank looks for the others.
/// - `reduce-scatter`, `all-gather`: the first and the second half of the operation with that `number`.
/// - what the program names, with its own numbers: `step` is the end of a committed step, before it is compared or saved,
///   `sum` a bucket of a gradient that is to be summed, `update` a part of the weights that is to be gathered.
///
/// `after:MILLISECONDS` lets the rank wait at the point before it strikes. Without the variable nothing happens.
public struct FaultInjection: Sendable, Equatable {
  /// What happens at the point.
  public enum Action: String, Sendable {
    /// SIGKILL; exit with status 0; SIGABRT; SIGSTOP; this thread sleeps for ever.
    case kill, exit, abort, freeze, hang
    case exitThree = "exit3"
    /// A failed precondition.
    case trap
    /// Stops for a second, as a virtual machine does that is moved.
    case pause
    /// Asks itself to stop, as a launcher would (SIGTERM).
    case terminate
    /// Flips a bit of the program's own state, which the program does.
    case flip
    /// Shuts down the data connection with the next rank.
    case cut
    /// Takes what goes to the next rank and delivers it no more, nor what comes from there.
    case swallow
    /// Flips a bit of what goes to the next rank.
    case corrupt
    /// Submits the next sum under another name.
    case rename
    /// Puts a NaN into the next sum.
    case nan
  }

  public var rank: Int
  public var point: String
  /// At which occurrence; nil for any.
  public var number: UInt64?
  /// Milliseconds at the point before it strikes, in which the other ranks come to wait for this one.
  public var delay: UInt16
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
    delay = fields["after"].flatMap { UInt16($0) } ?? 0
  }

  /// The fault this process was started with.
  public static let planned = ProcessInfo.processInfo.environment["LOCKSTEP_FAULT"].flatMap(FaultInjection.init)

  /// Whether it has been done.
  private static let hasStruck = Atomic<Bool>(false)
  /// What it does to a link or to the next operation, where that is its kind; from the group.
  private static let effect = Mutex<(@Sendable (Action) -> Void)?>(nil)

  /// Says that a rank has come to a point; does what is planned for it there.
  public static func reach(_ point: String, rank: Int, number: UInt64 = 0) {
    guard isPlanned(at: point, rank: rank, number: number), let planned, planned.action != .flip,
      !hasStruck.exchange(true, ordering: .relaxed)
    else { return }
    usleep(1000 * UInt32(planned.delay))
    StandardError.print("lockstep: fault \(planned.action.rawValue) at \(point), time \(System.now)")
    planned.perform()
  }

  /// Registers how a fault reaches the links and operations of this process's group.
  package static func install(_ change: @escaping @Sendable (Action) -> Void) { effect.withLock { $0 = change } }

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
    case .trap: preconditionFailure("a deliberate fault")
    case .pause: System.stopProcess(milliseconds: 1000)
    case .terminate: Glibc.kill(getpid(), SIGTERM)
    case .flip: break
    case .cut, .swallow, .corrupt, .rename, .nan: Self.effect.withLock { $0 }?(action)
    }
  }
}
