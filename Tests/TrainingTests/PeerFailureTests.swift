import Checkpoints
import Collectives
import DataParallel
import Glibc
import Runs
import Support
import TestSupport
import Testing

/// What the other ranks hear of a rank that failed.
struct PeerFailureTests {
  @Test(arguments: [
    (StorageError("write", "a/b", code: ENOSPC) as any Error, ExitClass.disk, true),
    (StorageError("write", "a/b", code: EIO), .disk, false),
    (RunDirectoryError(path: "a", problem: "is a file"), .wrongInput, false),
    (GroupError.layout(reason: "r", advice: "a"), .layout, false),
    (CancellationError(), .fault, false),
  ])
  func `every rank ends with the class of the rank that failed`(
    _ error: any Error, _ exitClass: ExitClass, isWantOfRoom: Bool
  ) throws {
    let classes = try Ranks.run(3) { group in
      let own: Result<[UInt8], any Error> = group.rank == 1 ? .failure(error) : .success([7])
      let outcome = try DataParallelGroup(group, reduction: .ring).exchange(own, name: "work", step: 0)
      guard case .failure(let found) = outcome else { return [String]() }
      let peer = found as? PeerFailure
      return [
        "\(ExitClass(of: found))", "\(peer?.rank ?? -1)", peer?.reason ?? "", "\(peer?.isWantOfRoom ?? false)",
      ]
    }
    let heard = ["\(exitClass)", "1", String(describing: error), "\(isWantOfRoom)"]
    #expect(classes == [heard, ["\(exitClass)", "-1", "", "false"], heard])
  }

  @Test func `bytes of ranks that did not fail come in rank order`() throws {
    let all = try Ranks.run(3) { group in
      try DataParallelGroup(group, reduction: .ring).exchange(.success([UInt8(group.rank), 0]), name: "work", step: 0)
        .get()
    }
    #expect(all == [[[UInt8]]](repeating: [[0, 0], [1, 0], [2, 0]], count: 3))
  }
}
