import Foundation
import Synchronization
import Transport

/// Notices that the links of this rank are served by nobody any more: a fault of the program, or a thread that hangs with the lock.
///
/// The others see silence and end; without a watchdog this rank would stay behind for ever.
package final class Watchdog: Sendable {
  private let lastKick = Atomic<UInt64>(0)
  private let isOff = Atomic<Bool>(false)

  /// - Parameters:
  ///   - limit: nanoseconds without a kick; time in which the whole process was stopped does not count.
  ///   - onStuck: called once, in a thread of the watchdog's own.
  package init(limit: Nanoseconds, onStuck: @escaping @Sendable () -> Void) {
    lastKick.store(System.now, ordering: .relaxed)
    let pause = limit / 8
    let thread = Thread { [self] in
      var lastLook = System.now
      while !isOff.load(ordering: .relaxed) {
        usleep(UInt32(min(pause / 1000, 500_000)))
        let now = System.now
        // A gap in our own looks: everything stood still, the links' thread too.
        if now - lastLook > 2 * pause + 500_000_000 { kick(now) }
        lastLook = now
        if now > lastKick.load(ordering: .relaxed) + limit, !isOff.load(ordering: .relaxed) { return onStuck() }
      }
    }
    thread.name = "lockstep watchdog"
    thread.start()
  }

  /// The links were served.
  package func kick(_ now: Nanoseconds) { lastKick.store(now, ordering: .relaxed) }

  /// The links are not served any more, and need not be.
  package func stop() { isOff.store(true, ordering: .relaxed) }
}
