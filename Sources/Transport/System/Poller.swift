import CSystem
import Glibc

/// An epoll set: waits for the first of many descriptors.
package final class Poller: Sendable {
  package let descriptor: Int32

  package init() {
    descriptor = lockstep_poller()
    precondition(descriptor >= 0, "epoll_create1: \(System.words(errno)); raise the limit of open files")
  }

  deinit { close(descriptor) }

  /// Watches a descriptor for bytes to read, and, with `edges`, for every change in either direction.
  package func watch(_ other: Int32, edges: Bool = false) {
    let result = lockstep_poller_watch(descriptor, other, edges ? 1 : 0)
    precondition(result == 0, "epoll_ctl(\(other)): \(System.words(errno))")
  }

  package func forget(_ other: Int32) { lockstep_poller_forget(descriptor, other) }

  /// Returns when something happened or the time is up.
  package func wait(nanoseconds: UInt64) {
    lockstep_poller_wait(descriptor, Int32(min((nanoseconds + 999_999) / 1_000_000, 60_000)))
  }
}
