import CSystem
import Glibc

/// Nanoseconds of the monotonic clock, or of a simulation's.
package typealias Nanoseconds = UInt64

/// What the machine offers below Swift's library: vector loops, clock, signals.
package enum System {
  /// CRC-32C of bytes, continuing from `crc`.
  package static func crc32c(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
    lockstep_crc32c(crc, bytes.baseAddress, bytes.count)
  }

  /// The same, and in one pass the sum of what the bytes are a term of.
  /// - Parameters:
  ///   - bytes: whole floats.
  ///   - offset: how many bytes of the term are before these.
  package static func crc32c(
    _ bytes: UnsafeRawBufferPointer, continuing crc: UInt32, adding term: ArrivingTerm, at offset: Int
  ) -> UInt32 {
    guard let start = bytes.baseAddress else { return crc }
    precondition(bytes.count % 4 == 0 && offset % 4 == 0, "\(bytes.count) bytes of floats behind \(offset)")
    let arrived = start.assumingMemoryBound(to: Float.self)
    let other = (term.other + offset).assumingMemoryBound(to: Float.self)
    let sum = (term.sum + offset).assumingMemoryBound(to: Float.self)
    let (left, right) = term.isLeft ? (arrived, other) : (other, arrived)
    return lockstep_crc32c_add(crc, start, sum, left, right, bytes.count / 4)
  }

  /// The same by the definition, bit by bit.
  package static func crc32cPlain(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    lockstep_crc32c_plain(0, bytes.baseAddress, bytes.count)
  }

  /// sum = left + right, `count` floats; `sum` may be either of them.
  package static func add(
    _ sum: UnsafeMutablePointer<Float>, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int
  ) {
    lockstep_add(sum, left, right, count)
  }

  /// The same, with a second copy of the sum.
  package static func addTwice(
    _ sum: UnsafeMutablePointer<Float>, _ copy: UnsafeMutablePointer<Float>, _ left: UnsafePointer<Float>,
    _ right: UnsafePointer<Float>, count: Int
  ) {
    lockstep_add_twice(sum, copy, left, right, count)
  }

  /// The monotonic clock.
  package static var now: Nanoseconds {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The words of an errno.
  package static func words(_ code: Int32) -> String { String(cString: strerror(code)) }

  package static func pause() { lockstep_pause() }

  /// Stops this process as SIGSTOP does, and lets it go on after a while.
  package static func stopProcess(milliseconds: Int32) { lockstep_stop_for(milliseconds) }

  /// See `lockstep_die_with_parent`.
  package static func dieWithParent() { _ = lockstep_die_with_parent() }

  /// Takes a connection from a listening socket: non-blocking, closed on exec; -1 with errno if there is none.
  package static func accept(_ listener: Int32) -> Int32 { lockstep_accept(listener) }

  /// Shuts down every socket that `watch` knows of as soon as this process crashes; see `lockstep_end_connections_on_crash`.
  package static func endConnectionsOnCrash() { lockstep_end_connections_on_crash() }

  /// Whether a crash is ending this process, so that connections end that no peer ended.
  package static var isCrashing: Bool { lockstep_is_crashing() }

  /// Notes that a descriptor is an open socket, or is about to be closed.
  package static func watch(_ descriptor: Int32, isOpen: Bool) { lockstep_crash_watch(descriptor, isOpen) }

  package static func catchStopSignals(event: Int32) { _ = lockstep_catch_stop_signals(event) }

  package static var stopRequested: Bool {
    get { lockstep_stop_requested() }
    set { lockstep_set_stop_requested(newValue) }
  }
}
