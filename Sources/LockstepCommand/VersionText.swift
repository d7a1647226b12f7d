import BuildFacts
import Lockstep

/// What `lockstep --version` prints.
enum VersionText {
  /// The number and the commit; the processor and those of its features that arithmetic depends on.
  static var lines: String {
    """
    lockstep \(Version.text)
    processor \(MachineFacts.processorLine)
    """
  }
}
