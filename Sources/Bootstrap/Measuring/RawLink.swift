import Collectives
import Dispatch
import Foundation
import Glibc
import Transport

/// A bare TCP connection inside this machine, for benchmarks: how fast bytes go both ways at once with nothing around them.
package final class RawLink: Sendable {
  private let ends: (Socket, Socket)

  /// How long to look for bytes before going to sleep.
  private static let spin: Nanoseconds = 50_000

  /// - Throws: `GroupError` where this machine gives no sockets.
  package init() throws {
    do {
      ends = try TCP.pair()
    } catch {
      throw GroupError.noSockets(error)
    }
  }

  /// Seconds in which `bytes` go from each end to the other, at once; the mean of `times`. Each end is a thread.
  package func exchange(bytes: Int, times: Int) -> Double {
    let other = DispatchSemaphore(value: 0)
    Thread { [ends] in
      _ = Self.exchange(over: ends.1, bytes: bytes, times: times)
      other.signal()
    }.start()
    let seconds = Self.exchange(over: ends.0, bytes: bytes, times: times)
    other.wait()
    return seconds
  }

  private static func exchange(over socket: Socket, bytes: Int, times: Int) -> Double {
    let memory = (0..<2).map { _ in UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes), alignment: 4096) }
    defer { memory.forEach { $0.deallocate() } }
    for buffer in memory { buffer.initializeMemory(as: UInt8.self, repeating: 0) }
    // The first exchange waits for the other thread and does not count.
    move(over: socket, out: memory[0], into: memory[1])
    let started = System.now
    for _ in 0..<times { move(over: socket, out: memory[0], into: memory[1]) }
    return Double(System.now - started) / 1e9 / Double(max(1, times))
  }

  private static func move(
    over socket: Socket, out: UnsafeMutableRawBufferPointer, into: UnsafeMutableRawBufferPointer
  ) {
    var (sent, received) = (0, 0)
    var lastMove = System.now
    while sent < out.count || received < into.count {
      var moved = false
      if sent < out.count {
        let rest = UnsafeRawBufferPointer(rebasing: out[sent...])
        if case .moved(let count) = socket.send(SendWindow(payload: rest)) {
          sent += count
          moved = true
        }
      }
      if received < into.count,
        case .moved(let count) = socket.receive(UnsafeMutableRawBufferPointer(rebasing: into[received...]))
      {
        received += count
        moved = true
      }
      if moved {
        lastMove = System.now
      } else if System.now - lastMove < spin {
        System.pause()
      } else {
        let events = (sent < out.count ? POLLOUT : 0) | (received < into.count ? POLLIN : 0)
        var descriptor = pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)
        _ = poll(&descriptor, 1, 100)
      }
    }
  }
}

extension GroupError {
  static func noSockets(_ failure: Socket.Failure) -> GroupError {
    .rendezvous(reason: failure.description, advice: "check the limits of open files and the network of this host")
  }
}
