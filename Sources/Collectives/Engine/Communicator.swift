import Diagnostics
import Foundation
import Schedules
import Synchronization
import Tracing
import Transport

/// Drives an engine over sockets: one thread that sleeps until something happens, and callers who drive while they wait.
///
/// Whoever holds the lock drives. The thread watches the control links always, and the data links while operations run that nobody
/// waits for; a caller who submits an operation and waits for it at once drives it itself, which saves two changes of thread.
package final class Communicator: Sendable {
  /// What the group's owner wants to know.
  package struct Hooks: Sendable {
    /// Called once, as soon as this rank knows what went wrong.
    package var onVerdict: @Sendable (Verdict, FlightRecord) -> Void = { _, _ in }
    /// Called when nobody serves the links any more; without it there is no watchdog.
    package var onStuck: (@Sendable () -> Void)?
    /// Called when all ranks know the verdict and the program has not asked for it for `grace` nanoseconds.
    package var onAbandoned: @Sendable (Verdict) -> Void = { _ in }
    package var grace: Nanoseconds = .max
    /// Called after every move of an operation: its number and the part that is done. For the injection of faults.
    package var onProgress: (@Sendable (UInt64, Double) -> Void)?
    /// Called with every sum before it is submitted. For the injection of faults.
    package var onSum: (@Sendable (inout CollectiveOperation) -> Void)?
    /// Where operations are recorded.
    package var track = Track.off

    package init() {}
  }

  private struct Driven: ~Copyable {
    let pump: Pump
    var works: [UInt64: CollectiveWork] = [:]
    var callerDrives = false
    var verdictAt: Nanoseconds?

    var engine: Engine { pump.engine }
  }

  private struct Inbox {
    var operations: [(operation: CollectiveOperation, work: CollectiveWork)] = []
    var step: Int?
    var phase = ""
    var failure: String?
    var leaves = false
  }

  private let driven: Mutex<Driven>
  private let inbox = Mutex(Inbox())
  private let controlPoller = Poller()
  private let allPoller = Poller()
  private let wakeUp = WakeUp()
  private let hooks: Hooks
  private let settings: Settings
  private let clock = PhaseClock()
  private let watchdog: Watchdog?
  /// How long to look for bytes before going to sleep.
  private let spin: Nanoseconds
  /// Set when the program knows of the failure.
  private let heard = Atomic<Bool>(false)
  /// Set when the communication thread is gone.
  private let ended = Atomic<Bool>(false)
  private let finished = CollectiveWork(name: "leave", deadline: .max)

  /// Starts the communication thread, which ends when all ranks have parted or failed.
  init(
    info: RankInfo, settings: Settings, transports: [Link: any ByteTransport], spin: Nanoseconds, hooks: Hooks,
    hostMemory: HostMemory? = nil
  ) {
    self.hooks = hooks
    self.spin = spin
    self.settings = settings
    watchdog = hooks.onStuck.map { Watchdog(limit: 2 * settings.peerTimeout, onStuck: $0) }
    let pump = Pump(
      Engine(info: info, settings: settings, now: System.now, hostMemory: hostMemory), over: transports,
      controlPoller: controlPoller, dataPoller: allPoller,
      Pump.Attendants(clock: clock, watchdog: watchdog, onProgress: hooks.onProgress))
    driven = Mutex(Driven(pump: pump))
    controlPoller.watch(wakeUp.descriptor)
    allPoller.watch(controlPoller.descriptor)
    if let hostMemory { allPoller.watch(hostMemory.doorbell.descriptor) }
    let thread = Thread { [self] in runThread() }
    thread.name = "lockstep links"
    thread.start()
  }

  // MARK: For the program's threads

  /// Submits an operation for the communication thread to drive.
  func start(_ operation: CollectiveOperation) -> CollectiveWork {
    let work = work(for: operation, now: System.now)
    inbox.withLock { $0.operations.append((operation, work)) }
    wake()
    return work
  }

  /// Submits an operation and drives it to its end.
  func run(_ operation: CollectiveOperation) throws { try clock.communicating { try runHere(operation) } }

  private func runHere(_ operation: CollectiveOperation) throws {
    let now = System.now
    let work = work(for: operation, now: now)
    // Next to the program's own thread, spinning would take the core that it computes on.
    let patience = clock.isOnProgramThread ? spin : 0
    let isOurs =
      driven.withLockIfAvailable { driven in
        guard !driven.callerDrives, driven.works.isEmpty, inbox.withLock({ $0.operations.isEmpty }) else {
          return false
        }
        let sequence = driven.engine.submit(operation, now: now)
        driven.works[sequence] = work
        driven.pump.run(data: true, control: false, patience: patience)
        report(&driven)
        driven.callerDrives = !work.isSettled
        return true
      } ?? false
    if !isOurs {
      inbox.withLock { $0.operations.append((operation, work)) }
      wake()
    } else if !work.isSettled {
      drive(until: work, patience: patience)
    }
    try work.wait()
  }

  private func drive(until work: CollectiveWork, patience: Nanoseconds) {
    var isDone = false
    var hasMore = false
    var deadline = System.now
    while !isDone {
      let now = System.now
      allPoller.wait(nanoseconds: min(deadline > now ? deadline - now : 0, 100_000_000))
      driven.withLock { driven in
        driven.pump.run(data: true, control: true, patience: patience)
        report(&driven)
        deadline = driven.engine.nextDeadline
        isDone = work.isSettled
        if isDone { driven.callerDrives = false }
        hasMore = driven.engine.isBusy || driven.engine.isOver
      }
    }
    // Only for what the communication thread must know now: it would meet the next operation in the lock.
    if hasMore { wake() }
  }

  /// Notes what the program does next.
  func note(step: Int, phase: String) {
    clock.note(phase)
    inbox.withLock { inbox in
      inbox.step = step
      inbox.phase = phase
    }
  }

  /// Notifies the other ranks that this one gives up.
  func fail(_ reason: String) {
    inbox.withLock { $0.failure = reason }
    wake()
  }

  /// Says goodbye and waits until everyone has.
  func leave() throws {
    inbox.withLock { $0.leaves = true }
    wake()
    try finished.wait()
  }

  /// Asks the engine, while it stands still.
  func withEngine<Result>(_ body: (Engine) -> sending Result) -> sending Result { driven.withLock { body($0.engine) } }

  private func work(for operation: CollectiveOperation, now: Nanoseconds) -> CollectiveWork {
    // The engine ends every operation in time; the work's own deadline is there for the case that it does not.
    let limit = settings.operationTimeout + settings.verdictTimeout + settings.holdTime + 60_000_000_000
    return CollectiveWork(name: operation.name, deadline: now + limit, clock: clock) { [self] in
      // A thread that only sums for the program reports it later, perhaps never.
      if clock.isOnProgramThread { heard.store(true, ordering: .relaxed) }
    }
  }

  private func wake() {
    wakeUp.ring()
    // With the thread gone nobody else reads the inbox.
    if ended.load(ordering: .acquiring) { driven.withLock { serve(&$0) } }
  }

  // MARK: The communication thread

  private func runThread() {
    var isOver = false
    while !isOver {
      var pause: Nanoseconds = 0
      var watchesData = false
      driven.withLock { driven in
        serve(&driven)
        watchesData = !driven.callerDrives && driven.engine.isBusy
        let now = System.now
        let deadline = driven.engine.nextDeadline
        pause = deadline > now ? deadline - now : 0
        isOver = isFinished(&driven, now: now)
      }
      if isOver { break }
      sleep(watchesData ? allPoller : controlPoller, min(pause, 100_000_000))
    }
    watchdog?.stop()
    ended.store(true, ordering: .releasing)
    driven.withLock { serve(&$0) }
  }

  /// Waits for something to happen; a wait that takes much longer than it should means that this process did not run.
  private func sleep(_ poller: Poller, _ nanoseconds: UInt64) {
    let start = System.now
    poller.wait(nanoseconds: nanoseconds)
    let slept = System.now - start
    let overslept = slept - min(slept, nanoseconds)
    if overslept > 300_000_000 { clock.noteStop(overslept) }
  }

  /// One round of the loop: takes the inbox, moves bytes, notifies who waits.
  private func serve(_ driven: inout Driven) {
    wakeUp.clear()
    let news = inbox.withLock { inbox in
      defer { inbox = Inbox() }
      return inbox
    }
    let now = System.now
    driven.engine.note(clock.times)
    if let step = news.step { driven.engine.note(step: step, phase: news.phase) }
    for (operation, work) in news.operations {
      driven.works[driven.engine.submit(operation, now: now)] = work
    }
    if let failure = news.failure { driven.engine.fail(failure, now: now) }
    if news.leaves { driven.engine.leave(now: now) }
    driven.pump.run(
      data: !driven.callerDrives, control: true, patience: driven.engine.isBusy ? spin : 0)
    report(&driven)
  }

  private func isFinished(_ driven: inout Driven, now: Nanoseconds) -> Bool {
    guard driven.engine.isOver, !driven.callerDrives else { return false }
    guard let verdict = driven.engine.verdict, let verdictAt = driven.verdictAt else {
      finished.settle(.complete)
      return driven.pump.isDrained
    }
    finished.settle(.failed(GroupError(verdict)))
    if heard.load(ordering: .relaxed) || hooks.grace == .max { return true }
    guard now > verdictAt + settings.holdTime + hooks.grace else { return false }
    hooks.onAbandoned(verdict)
    return true
  }

  /// Settles what is over and notifies the owner of a verdict.
  private func report(_ driven: inout Driven) {
    for completion in driven.engine.takeCompletions() {
      if let span = completion.span { hooks.track.record(span) }
      driven.works.removeValue(forKey: completion.sequence)?.settle(completion.error.map { .failed($0) } ?? .complete)
    }
    if driven.verdictAt == nil, let verdict = driven.engine.verdict {
      driven.verdictAt = System.now
      hooks.onVerdict(verdict, driven.engine.flightRecord(now: System.now))
    }
  }
}
