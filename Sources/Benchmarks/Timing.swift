import Glibc

/// How long something took: on the wall, and in processor time of this whole process.
///
/// Processor time leaves out the moments in which other programs had the core, so it is the steadier of the two on a
/// machine that is shared; a wait for other ranks shows on the wall alone.
package struct Timing: Sendable {
  package var wall: Double
  package var processor: Double

  /// Runs a body once.
  package static func of(_ body: () throws -> Void) rethrows -> Timing {
    let (wall, processor) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
    try body()
    return Timing(wall: seconds(CLOCK_MONOTONIC) - wall, processor: seconds(CLOCK_PROCESS_CPUTIME_ID) - processor)
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

extension Sequence<Double> {
  /// The middle value; the upper of the two where their number is even.
  package var median: Double {
    let values = sorted()
    return values[values.count / 2]
  }
}
