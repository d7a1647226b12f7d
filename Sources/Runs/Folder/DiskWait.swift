import Checkpoints
import Console
import Foundation

/// How long a run waits for room on a full disk, so that a disk that is full for a moment costs time and nothing else.
///
/// Rank 0 alone writes, and its links are served by their own thread, so the other ranks wait with it.
public struct DiskWait: Sendable {
  /// What `--disk-wait` is by default. The other ranks give up an operation after five minutes.
  public static let usual = DiskWait(seconds: 120)

  /// Seconds from the first refusal on.
  public let seconds: Double

  public init(seconds: Double) { self.seconds = seconds }

  /// Calls `body` again while the disk has no room.
  /// - Parameter path: what is written, for the warning.
  /// - Throws: what `body` throws, once the time is over.
  package func retrying<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    var deadline: ContinuousClock.Instant?
    while true {
      do {
        let value = try body()
        if deadline != nil { StandardError.print("warning: \(path): there is room again; the run continues") }
        return value
      } catch let error as StorageError where error.isWantOfRoom {
        if deadline == nil, seconds > 0 {
          StandardError.print(
            "warning: \(path): the disk is full; the run waits up to \(seconds.text(digits: 4)) s for room (--disk-wait)"
          )
        }
        let end = deadline ?? .now + .seconds(seconds)
        deadline = end
        guard .now < end else { throw error }
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }
}
