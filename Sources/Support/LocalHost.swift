import Foundation

/// The machine this process runs on.
package enum LocalHost {
  /// Its name.
  package static var name: String { ProcessInfo.processInfo.hostName }

  /// What distinguishes it from every other running machine, whatever its name: the kernel's start, and its network, as a
  /// container may have its own.
  package static var identity: String {
    let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    let network = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")) ?? ""
    return (boot?.trimmingCharacters(in: .whitespacesAndNewlines) ?? name) + " " + network
  }

  /// How many processors this process may use, by its affinity mask and by the time that its control group is allowed.
  package static var processors: Int { ControlGroup.here.usable(of: ProcessInfo.processInfo.activeProcessorCount) }

  /// How many processors the machine has, for all its containers.
  package static var allProcessors: Int { ProcessInfo.processInfo.processorCount }

  /// Whether a rank may spin for bytes: no other needs the processor, on its host or in another container next to it.
  ///
  /// - Parameter identities: of all ranks' hosts.
  package static func maySpin(
    on identity: String, among identities: [String], processors: Int, allProcessors: Int
  ) -> Bool {
    func kernel(_ identity: String) -> Substring { identity.prefix { $0 != " " } }
    return identities.count { $0 == identity } <= processors
      && identities.count { kernel($0) == kernel(identity) } <= allProcessors
  }
}
