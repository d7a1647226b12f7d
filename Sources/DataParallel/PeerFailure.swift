import Checkpoints
import Support

/// Another rank could not do its part of something that all do together.
///
/// What ranks send of it: a byte for the class of the error, its highest bit for a disk that is full, and the words.
public struct PeerFailure: ClassifiedError, CustomStringConvertible {
  public let rank: Int
  public let reason: String
  /// That of the failed rank's own error.
  public let exitClass: ExitClass
  /// Whether its disk is full, which may pass.
  public let isWantOfRoom: Bool
  public var description: String { "rank \(rank): \(reason)" }

  /// Whether an error, here or on another rank, says that a disk is full.
  package static func isWantOfRoom(_ error: any Error) -> Bool {
    (error as? StorageError)?.isWantOfRoom ?? (error as? PeerFailure)?.isWantOfRoom ?? false
  }

  /// The first byte of a rank that did not fail.
  static let none: UInt8 = 0
  private static let wantOfRoom: UInt8 = 0x80

  /// The first byte of a rank that failed.
  static func mark(_ error: any Error) -> UInt8 {
    ExitClass(of: error).rawValue | (isWantOfRoom(error) ? wantOfRoom : 0)
  }

  /// - Parameter message: what the rank sent.
  init(rank: Int, message: [UInt8]) {
    let mark = message.first ?? Self.none
    self.rank = rank
    reason = String(decoding: message.dropFirst(), as: UTF8.self)
    exitClass = ExitClass(rawValue: mark & ~Self.wantOfRoom) ?? .fault
    isWantOfRoom = mark & Self.wantOfRoom != 0
  }
}
