import Collectives
import Foundation

/// Whether the ranks of a run see one output folder, or each host has its own under the same path.
///
/// Every rank leaves a file there, and looks for those of the others. Where they see rank 0's, the folder is shared; else rank 0
/// keeps what the run leaves behind, and the other disks get a checkpoint when the run continues from one.
public struct OutputSharing: Sendable {
  /// Whether all ranks see what rank 0 writes.
  public let isShared: Bool
  /// Whether this rank is the first of those that see the same folder.
  public let isFirst: Bool

  /// How long a network file system may take to show what another host has written.
  private static let patience = Duration.seconds(2)

  /// Of a run whose ranks share the folder.
  public static func shared(rank: Int) -> OutputSharing { OutputSharing(isShared: true, isFirst: rank == 0) }

  private init(isShared: Bool, isFirst: Bool) {
    self.isShared = isShared
    self.isFirst = isFirst
  }

  /// Finds out, all ranks together. A folder that rank 0 cannot write to counts as shared: the run will say what is wrong with it.
  public init(of directory: RunDirectory, over group: any Group) throws {
    guard group.size > 1 else {
      self = .shared(rank: group.rank)
      return
    }
    let own = "\(UInt64.random(in: .min ... .max))"
    let nonce = try group.allGather(Array(own.utf8), name: "output folder", step: 0)[0]
    func mark(_ rank: Int) -> String { "\(directory.path)/.rank-\(rank)-\(String(decoding: nonce, as: UTF8.self))" }
    try? directory.create()
    let isWritten = FileManager.default.createFile(atPath: mark(group.rank), contents: nil)
    defer { try? FileManager.default.removeItem(atPath: mark(group.rank)) }
    let written = try group.allGather([isWritten ? 1 : 0], name: "output folder is marked", step: 0)
    let marked = written.indices.filter { written[$0] == [1] }
    let first = marked.first == 0 ? Self.first(of: marked, rank: group.rank, mark) : 0
    let firsts = try group.allGather(Array(String(first).utf8), name: "output folder is seen", step: 0)
    isShared = firsts.allSatisfy { $0 == Array("0".utf8) }
    isFirst = first == group.rank
  }

  /// The lowest rank whose mark this rank sees; its own rank where it sees none.
  private static func first(of marked: [Int], rank: Int, _ mark: (Int) -> String) -> Int {
    let deadline = ContinuousClock.now + patience
    while !FileManager.default.fileExists(atPath: mark(0)), ContinuousClock.now < deadline {
      Thread.sleep(forTimeInterval: 0.05)
    }
    return marked.first { $0 < rank && FileManager.default.fileExists(atPath: mark($0)) } ?? rank
  }
}
