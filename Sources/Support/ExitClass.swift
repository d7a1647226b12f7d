/// What kind of end an error is, as launchers and supervisors distinguish them: by the exit status of the process.
public enum ExitClass: UInt8, Sendable, CaseIterable {
  /// The recipe, the data or another input is wrong; a second start would fail alike.
  case wrongInput = 2
  /// A fault of the program.
  case fault = 70
  /// Checkpoints or results cannot be written, or cannot be read back.
  case disk = 74
  /// A peer, a host or the network failed; a new start may succeed.
  case peer = 75
  /// Ranks disagree about what they compute.
  case disagreement = 76
  /// The job is not laid out as it should be.
  case layout = 78
  /// Stopped on request, with a checkpoint committed.
  case stopped = 85

  /// The class of any error; one that states none is a fault.
  public init(of error: any Error) {
    self = (error as? any ClassifiedError)?.exitClass ?? .fault
  }

  /// The exit status of a process that ends with such an error.
  public var status: Int32 { Int32(rawValue) }
}

/// An error that says which kind of end it is.
public protocol ClassifiedError: Error {
  var exitClass: ExitClass { get }
}
