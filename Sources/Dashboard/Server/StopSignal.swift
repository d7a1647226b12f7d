import Glibc
import Synchronization

/// Ends a loop that waits for descriptors on another thread.
final class StopSignal: Sendable {
  private let given = Atomic(false)
  /// Becomes readable when the signal is given.
  let descriptor: Int32

  private let other: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "there is no descriptor left for a stop signal")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (descriptor, other) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(other)
  }

  var isGiven: Bool { given.load(ordering: .acquiring) }

  func give() {
    given.store(true, ordering: .releasing)
    var byte: UInt8 = 0
    write(other, &byte, 1)
  }
}
