import Checkpoints
import Foundation
import Support

/// Something in a run's folder that no run reads any more, kept until it is pruned.
public struct PutAside: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// A checkpoint of an earlier run.
    case checkpoint
    /// A checkpoint that was found damaged.
    case damaged
    /// Models, logs and results of an earlier run.
    case run
  }

  public let kind: Kind
  /// Its path from the run's folder.
  public let name: String
  /// The step of a checkpoint.
  public let step: Int?
  /// The sizes of its files.
  public let bytes: Int
  private let path: String

  private static let prefix = ".aside-"

  private init(_ kind: Kind, _ name: String, step: Int?, in directory: RunDirectory) {
    self.kind = kind
    self.name = name
    self.step = step
    path = "\(directory.path)/\(name)"
    bytes = FileTree(path).bytes
  }

  /// All of a run's folder: checkpoints by their steps, then runs.
  public static func all(in directory: RunDirectory) throws -> [PutAside] {
    let checkpoints = try CheckpointStore(directory: directory.checkpoints).idleNames()
      .sorted { ($0.step ?? 0, $0.name) < ($1.step ?? 0, $1.name) }
      .map { PutAside($0.isDamaged ? .damaged : .checkpoint, "checkpoints/\($0.name)", step: $0.step, in: directory) }
    let runs = ((try? PosixStorage().list(directory.path)) ?? []).filter(isAside)
    return checkpoints + runs.map { PutAside(.run, $0, step: nil, in: directory) }
  }

  /// Removes it for good.
  public func remove() throws { try FileTree(path).remove() }

  /// Such as `12.3 MB`.
  public static func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }

  /// A name that nothing in a run's folder has.
  static func newFolder(in directory: RunDirectory) -> String {
    "\(directory.path)/\(prefix)" + UInt64.random(in: 0 ... .max).hexadecimal
  }

  private static func isAside(_ name: String) -> Bool {
    name.hasPrefix(prefix) && name.count == prefix.count + 16 && name.dropFirst(prefix.count).allSatisfy(\.isHexDigit)
  }
}
