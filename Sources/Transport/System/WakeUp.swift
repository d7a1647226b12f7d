import CSystem
import Glibc

/// A counter that wakes whoever polls it.
package final class WakeUp: Sendable {
  package let descriptor: Int32

  package init() {
    descriptor = lockstep_event()
    precondition(descriptor >= 0, "eventfd: \(System.words(errno)); raise the limit of open files")
  }

  deinit { close(descriptor) }

  package func ring() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  package func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }
}
