import Transport

/// The wish of a user or a scheduler that this process come to an orderly end: SIGTERM, SIGINT or SIGUSR1.
///
/// The handler only sets a flag; the program asks for it once a step and agrees with the other ranks before it acts.
/// A second SIGTERM or SIGINT ends the process at once.
public enum StopRequest {
  /// Begins to catch the signals, and to ignore SIGPIPE.
  public static func catchSignals() { System.catchStopSignals(event: -1) }

  /// Whether this process was asked to stop.
  public static var isRequested: Bool { System.stopRequested }

  /// Asks this process to stop, as a signal would; or takes the wish back, for tests.
  public static func set(_ isRequested: Bool) { System.stopRequested = isRequested }
}
