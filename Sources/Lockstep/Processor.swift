import Foundation

/// What of the machine this process may use.
public enum Processor {
  /// The cores in this process's affinity mask, which a launcher may have narrowed.
  public static var availableCores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// Threads for one of several ranks on this host: the cores that the launcher bound it to, or else an equal share of all.
  public static func threads(ranksOnHost: Int) -> Int {
    let isBound = availableCores < ProcessInfo.processInfo.processorCount
    return isBound ? availableCores : max(1, availableCores / max(1, ranksOnHost))
  }

  /// Ranks that the launcher started on this host, as far as it says so.
  public static func ranksOnHost(groupSize: Int) -> Int {
    let environment = ProcessInfo.processInfo.environment
    return environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap(Int.init) ?? groupSize
  }
}
