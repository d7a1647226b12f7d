import Checkpoints
import Collectives
import Foundation

/// What a host says of itself.
package struct HostReport: Codable, Equatable, Sendable {
  /// What is asked about beside the machine.
  package struct Subject: Codable, Equatable, Sendable {
    /// The folder of the run.
    package var output = "output"
    package var recipe: String?
    /// Where ranks are to listen; nil for the choice they make by themselves.
    package var interface: String?
    /// Whether what only a thorough look needs may be left out.
    package var isBrief = false

    package init() {}
  }

  /// The name by which it knows itself.
  package var name: String
  package var processor: ProcessorFacts
  package var cores: CoreFacts
  package var memory: MemoryFacts
  package var disk: DiskFacts
  package var network: NetworkFacts
  package var launchers: LauncherFacts?
  /// The SHA-256 of the recipe; nil where it is not there.
  package var recipe: String?

  /// This process's host.
  package static func here(_ subject: Subject) -> HostReport {
    HostReport(
      name: ProcessInfo.processInfo.hostName, processor: .here, cores: .here, memory: .here,
      disk: DiskFacts(under: subject.output), network: NetworkFacts(choice: subject.interface),
      launchers: subject.isBrief ? nil : .here, recipe: subject.recipe.flatMap { try? sha256(ofFile: $0) })
  }
}
