#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The end of a program that the system gives too little for its work: a line that says what is short and what to do, and a status.
///
/// There is nothing to return to: what could be freed is in use, and to say more would take memory.
package enum Shortage {
  /// A fault that another start may not have, where the system gives more.
  private static let faultStatus: Int32 = 70
  /// The machine lacks something.
  private static let layoutStatus: Int32 = 78

  /// Ends the program, which needs so many bytes more.
  package static func ofMemory(_ bytes: Int, for purpose: StaticString) -> Never {
    let mebibytes = (bytes + 1 << 20 - 1) >> 20
    end(
      "memory is short: \(mebibytes) MiB for \(purpose) cannot be had\(addressSpace); raise the limit, set threads or"
        + " batch.microbatch lower, or end other programs", status: faultStatus)
  }

  /// Ends the program where the system does not give so many bytes; none of them are kept.
  package static func check(_ bytes: Int, for purpose: StaticString) {
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    if memory == MAP_FAILED { ofMemory(bytes, for: purpose) }
    munmap(memory, bytes)
  }

  /// Ends the program, for which a thread could not be started.
  package static func ofThreads(_ thread: Int, of count: Int, error: Int32) -> Never {
    end(
      "thread \(thread) of \(count) cannot be started (\(String(cString: strerror(error))))\(addressSpace); raise the limit"
        + " (ulimit -u, ulimit -v), or set threads lower", status: faultStatus)
  }

  /// Ends the program, which cannot load a library.
  package static func ofLibrary(_ name: StaticString, _ reason: String, package: StaticString) -> Never {
    let limit = addressSpace
    if limit.isEmpty { end("\(name) cannot be loaded (\(reason)); install \(package)", status: layoutStatus) }
    end(
      "\(name) cannot be loaded (\(reason)), perhaps because memory is short\(limit); raise the limit, or install \(package)",
      status: faultStatus)
  }

  /// The limit of this process's addresses, where there is one.
  private static var addressSpace: String {
    var limit = rlimit()
    #if canImport(Glibc)
      let kind = __rlimit_resource_t(RLIMIT_AS.rawValue)
    #else
      let kind = RLIMIT_AS
    #endif
    guard getrlimit(kind, &limit) == 0, limit.rlim_cur < 1 << 60 else { return "" }
    return " (ulimit -v allows \(limit.rlim_cur >> 10) KiB)"
  }

  /// Says that fewer threads compute than were asked for, which changes no bits.
  package static func warn(threads: Int, of count: Int) {
    say(
      "warning: memory is short\(addressSpace): \(threads) of \(count) threads \(threads == 1 ? "computes" : "compute");"
        + " raise the limit for the speed of all")
  }

  private static func end(_ words: String, status: Int32) -> Never {
    say("lockstep: \(words)")
    _exit(status)
  }

  private static func say(_ words: String) {
    let line = Array("\(words)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
