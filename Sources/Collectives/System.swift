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
  static func addTwice(
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

  static func pause() { lockstep_pause() }

  /// Stops this process as SIGSTOP does, and lets it go on after a while.
  static func stopProcess(milliseconds: Int32) { lockstep_stop_for(milliseconds) }

  /// See `lockstep_die_with_parent`.
  static func dieWithParent() { _ = lockstep_die_with_parent() }

  /// Takes a connection from a listening socket: non-blocking, closed on exec; -1 with errno if there is none.
  static func accept(_ listener: Int32) -> Int32 { lockstep_accept(listener) }

  /// Shuts down every socket that `watch` was told of as soon as this process crashes; see `lockstep_end_connections_on_crash`.
  package static func endConnectionsOnCrash() { lockstep_end_connections_on_crash() }

  /// Whether a crash is ending this process, so that connections end that no peer ended.
  static var isCrashing: Bool { lockstep_is_crashing() }

  /// Notes that a descriptor is an open socket, or is about to be closed.
  static func watch(_ descriptor: Int32, isOpen: Bool) { lockstep_crash_watch(descriptor, isOpen) }

  static func catchStopSignals(event: Int32) { _ = lockstep_catch_stop_signals(event) }

  static var stopRequested: Bool {
    get { lockstep_stop_requested() }
    set { lockstep_set_stop_requested(newValue) }
  }
}

/// An epoll set: waits for the first of many descriptors.
final class Poller: Sendable {
  let descriptor: Int32

  init() {
    descriptor = lockstep_poller()
    precondition(descriptor >= 0, "epoll_create1: \(System.words(errno)); raise the limit of open files")
  }

  deinit { close(descriptor) }

  /// Watches a descriptor for bytes to read, and, with `edges`, for every change in either direction.
  func watch(_ other: Int32, edges: Bool = false) {
    let result = lockstep_poller_watch(descriptor, other, edges ? 1 : 0)
    precondition(result == 0, "epoll_ctl(\(other)): \(System.words(errno))")
  }

  func forget(_ other: Int32) { lockstep_poller_forget(descriptor, other) }

  /// Returns when something happened or the time is up.
  func wait(nanoseconds: UInt64) {
    lockstep_poller_wait(descriptor, Int32(min((nanoseconds + 999_999) / 1_000_000, 60_000)))
  }
}

/// A counter that wakes whoever polls it.
final class WakeUp: Sendable {
  let descriptor: Int32

  init() {
    descriptor = lockstep_event()
    precondition(descriptor >= 0, "eventfd: \(System.words(errno)); raise the limit of open files")
  }

  deinit { close(descriptor) }

  func ring() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }
}

/// The launcher's own process manager, when there is one.
enum ProcessManager {
  /// A call to it that failed, with its own words.
  struct Failure: Error {
    let call: String
    let status: Int32
    var words: String { "\(call): \(String(cString: lockstep_pmix_words(status)))" }
    /// PMIX_ERR_TIMEOUT.
    var isTimeout: Bool { status == -24 }
  }

  private static func check(_ call: String, _ status: Int32) throws(Failure) {
    if status != 0 { throw Failure(call: call, status: status) }
  }

  /// Joins the job; returns this process's rank, or nil when no launcher with a process manager started it.
  static func join() -> Int? {
    var rank: UInt32 = 0
    return lockstep_pmix_join(&rank) == 0 ? Int(rank) : nil
  }

  static func jobNumber(_ key: String) throws(Failure) -> Int {
    var number: UInt32 = 0
    try check("PMIx_Get(\(key))", lockstep_pmix_job_number(key, &number))
    return Int(number)
  }

  static func number(_ key: String, of rank: Int) throws(Failure) -> Int {
    var number: UInt32 = 0
    try check("PMIx_Get(\(key))", lockstep_pmix_rank_number(UInt32(rank), key, &number))
    return Int(number)
  }

  static func publish(_ bytes: [UInt8], as key: String) throws(Failure) {
    try check("PMIx_Put", lockstep_pmix_publish(key, bytes, bytes.count))
  }

  static func exchange(seconds: Int) throws(Failure) {
    try check("PMIx_Fence", lockstep_pmix_exchange(Int32(seconds)))
  }

  static func fetch(_ key: String, of rank: Int, atMost limit: Int) throws(Failure) -> [UInt8] {
    var count = limit
    var bytes = [UInt8](repeating: 0, count: limit)
    try check("PMIx_Get(\(key))", lockstep_pmix_fetch(UInt32(rank), key, &bytes, &count))
    return Array(bytes[..<count])
  }

  /// Whether a rank has published something, as far as the process manager finds out in time.
  static func has(_ key: String, of rank: Int, seconds: Int) -> Bool {
    lockstep_pmix_has(UInt32(rank), key, Int32(seconds)) == 0
  }

  static func leave() { _ = lockstep_pmix_leave() }
}
