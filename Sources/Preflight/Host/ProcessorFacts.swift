import Foundation
import Lockstep

/// What computes on a host: the processor, and the libraries that multiply.
package struct ProcessorFacts: Codable, Equatable, Sendable {
  package var name: String
  /// Those of its features that arithmetic depends on, as /proc/cpuinfo spells them.
  package var features: [String]
  package var openBLASKernel: String
  /// Who chose them: `library`, `program` or `user`.
  package var openBLASChooser: String
  package var openBLAS: String
  package var oneDNN: String
  /// What the bits of a run depend on here, as one text.
  package var arithmetic: String
  /// Variables of the environment that change OpenBLAS's choice, those that are set.
  package var variables: [String: String]

  private static let watchedVariables = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]

  /// Those of this process.
  package static var here: ProcessorFacts {
    let facts = MachineFacts.here
    let environment = ProcessInfo.processInfo.environment
    return ProcessorFacts(
      name: facts.processor, features: facts.features, openBLASKernel: facts.openBLASKernel,
      openBLASChooser: facts.openBLASChooser, openBLAS: facts.openBLAS,
      oneDNN: facts.oneDNN, arithmetic: facts.arithmetic,
      variables: environment.filter { Self.watchedVariables.contains($0.key) })
  }
}
