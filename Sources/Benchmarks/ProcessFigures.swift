import Foundation
import Glibc

/// What this process has used so far.
package enum ProcessFigures {
  /// The most memory it ever held, in bytes.
  package static var peakBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }

  /// Seconds since it was started, to a hundredth; nil where the system does not report it.
  package static var age: Double? {
    // Fields behind the program's name, which stands in brackets and may hold anything; the 20th is the start in ticks.
    guard let line = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let fields = line.split(separator: ")").last?.split(separator: " "), fields.count > 19,
      let start = Double(fields[19])
    else { return nil }
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - start / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
