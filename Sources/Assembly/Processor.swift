import Foundation
import Support

/// What of the machine this process may use.
public enum Processor {
  /// The cores in this process's affinity mask, which a launcher may have narrowed.
  public static var availableCores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// Those of the available cores for which the control group allows time: a quota of 1.5 cores is time for 2 threads.
  public static var usableCores: Int { ControlGroup.here.usable(of: availableCores) }

  /// Threads for one of several ranks on this host: the cores that the launcher bound it to, or else an equal share of all, and no
  /// more than an equal share of the time that its control group allows.
  public static func threads(ranksOnHost: Int) -> Int {
    threads(
      ranksOnHost: ranksOnHost, available: availableCores, online: ProcessInfo.processInfo.processorCount,
      usable: usableCores)
  }

  /// - Parameters:
  ///   - available: the cores in the affinity mask.
  ///   - online: the cores of the machine.
  ///   - usable: those of the available cores that the control group allows time for.
  package static func threads(ranksOnHost: Int, available: Int, online: Int, usable: Int) -> Int {
    let isBound = available < online && usable >= available
    return isBound ? available : max(1, usable / max(1, ranksOnHost))
  }

  /// Ranks that the launcher started on this host, as far as it says so.
  public static func ranksOnHost(groupSize: Int) -> Int {
    let environment = ProcessInfo.processInfo.environment
    return environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap(Int.init) ?? groupSize
  }
}
