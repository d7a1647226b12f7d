import Foundation
import Glibc
import Synchronization
import Testing
import Transport

@Suite("A process that crashes")
struct ProcessCrashTests {
  /// The handler of an earlier installation stands for Swift's backtracer, which holds the process, and so its sockets, for seconds.
  @Test("ends its connections before anything else that handles the crash")
  func endsConnections() async {
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGABRT) { _ in
        sleep(60)
        _exit(1)
      }
      System.endConnectionsOnCrash()
      let (near, far) = try Socket.pair()
      let peer = far.descriptor
      let watcher = Thread {
        var event = pollfd(fd: peer, events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 0
        while poll(&event, 1, 60_000) == 1, recv(peer, &byte, 1, 0) != 0 {}
        _exit(7)
      }
      watcher.start()
      withExtendedLifetime((near, far)) { abort() }
    }
  }

  /// A rank that crashed named a healthy one dead: its other threads found its connections ended one after another, and told
  /// the ranks whose connections were still open.
  @Test("takes the end of its own connections for nobody's death")
  func blamesNobody() async {
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGABRT) { _ in
        let transfer = ProcessCrashTests.link.withLock { link in
          withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { link?.receive($0) }
        }
        if case .wouldBlock? = transfer { _exit(7) }
        _exit(1)
      }
      System.endConnectionsOnCrash()
      let (near, far) = try Socket.pair()
      ProcessCrashTests.link.withLock { $0 = near }
      withExtendedLifetime(far) { abort() }
    }
  }

  private static let link = Mutex<Socket?>(nil)

  @Test("shuts down no descriptor that its socket has given back")
  func forgets() async {
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGABRT) { _ in
        // The descriptor's number belongs to this pair now, which nobody noted.
        _exit(write(ProcessCrashTests.reused, "x", 1) == 1 ? 7 : 1)
      }
      System.endConnectionsOnCrash()
      var ends: [Int32] = [0, 0]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      try #require(dup2(ends[0], ProcessCrashTests.reused) == ProcessCrashTests.reused)
      do { _ = Socket(owning: ProcessCrashTests.reused) }
      try #require(dup2(ends[0], ProcessCrashTests.reused) == ProcessCrashTests.reused)
      abort()
    }
  }

  /// A number below the limit of open files that no other test of this process uses.
  private static let reused: Int32 = 900
}
