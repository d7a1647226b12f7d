import Foundation
import Lockstep
import Support

/// How many processors a host has, and how many of them ranks may use.
package struct CoreFacts: Codable, Equatable, Sendable {
  /// Those of the machine.
  package var online: Int
  /// Those in the affinity mask of a process that the launcher starts.
  package var allowed: Int
  /// The share of time that a control group allows, in processors; nil for all.
  package var quota: Double?

  /// The threads that there is time for.
  package var usable: Int { quota.map { max(1, min(allowed, Int(min($0, 1e6).rounded(.up)))) } ?? allowed }

  /// As this process finds them.
  package static var here: CoreFacts {
    CoreFacts(
      online: ProcessInfo.processInfo.processorCount, allowed: Processor.availableCores,
      quota: ControlGroup.here.processors)
  }
}
