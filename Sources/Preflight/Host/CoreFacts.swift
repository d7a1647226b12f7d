import Foundation
import Lockstep

/// How many processors a host has, and how many of them ranks may use.
package struct CoreFacts: Codable, Equatable, Sendable {
  /// Those of the machine.
  package var online: Int
  /// Those in the affinity mask of a process that the launcher starts.
  package var allowed: Int
  /// The share of time that a control group allows, in processors; nil for all.
  package var quota: Double?

  /// As this process finds them.
  package static var here: CoreFacts {
    CoreFacts(
      online: ProcessInfo.processInfo.processorCount, allowed: Processor.availableCores, quota: ControlGroup.processors)
  }
}

/// The limits that a container or a service manager sets for this process.
enum ControlGroup {
  /// Processors' worth of time; nil without a limit.
  static var processors: Double? {
    let numbers = (text("cpu.max") ?? "").split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    return numbers.count == 2 && numbers[1] > 0 ? numbers[0] / numbers[1] : nil
  }

  /// Bytes of memory; nil without a limit.
  static var memory: Int? {
    text("memory.max").flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// A file of this process's group, or of the root where the group is the root of its own tree.
  private static func text(_ name: String) -> String? {
    let own = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    let path = own.split(separator: "\n").first { $0.hasPrefix("0::") }.map { $0.dropFirst(3) } ?? "/"
    return ["/sys/fs/cgroup\(path)/\(name)", "/sys/fs/cgroup/\(name)"].lazy
      .compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }.first
  }
}
