import Foundation
import Tensors
import Testing

@Suite("Too little memory")
struct ShortageTests {
  @Test("for products ends with status 70 and a line, and not in OpenBLAS's endless loop (OpenMathLib/OpenBLAS#5289)")
  func products() async throws {
    let result = await #expect(processExitsWith: .exitCode(70), observing: [\.standardErrorContent]) {
      _ = NumericLibraries.openBLASKernel
      try leaveAddresses(100)
      _ = Engine(threads: 2, numerics: .library)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("lockstep: memory is short: 128 MiB for matrix products cannot be had (ulimit -v allows "))
  }

  @Test("for all threads' products lets fewer compute, and says so")
  func fewerThreads() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      _ = NumericLibraries.openBLASKernel
      try leaveAddresses(300)
      #expect(Engine(threads: 2, numerics: .library).workers.count == 1)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("warning: memory is short (ulimit -v allows ") && text.contains(": 1 of 2 threads computes;"))
  }

  @Test("for an arena ends with status 70 and a line")
  func arena() async throws {
    let result = await #expect(processExitsWith: .exitCode(70), observing: [\.standardErrorContent]) {
      try leaveAddresses(300)
      _ = Arena(layout: ArenaLayout([("weight", [1 << 10, 1 << 20])]))
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("lockstep: memory is short: 4096 MiB for values of a step cannot be had"))
  }
}

/// Limits this process's addresses to so many more than it has.
private func leaveAddresses(_ mebibytes: Int) throws {
  let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ").first
  let used = (pages.flatMap { Int($0) } ?? 0) * Int(getpagesize())
  var limit = rlimit(rlim_cur: rlim_t(used + mebibytes << 20), rlim_max: rlim_t.max)
  try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
}
