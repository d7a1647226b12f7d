import Foundation
import Testing

@Suite(
  "A disk that is full for a moment", .serialized,
  .enabled(if: geteuid() == 0 && Shell.has("mount", "umount"), "it takes root, to make a small disk"))
struct DiskWaitTests {
  /// A file system of its own, so small that a file of the test fills it.
  private final class SmallDisk {
    let path: String
    let isThere: Bool

    init(in folder: TemporaryFolder, megabytes: Int) throws {
      path = folder.path + "/disk"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      isThere = try Shell.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path]).status == 0
    }

    deinit { if isThere { _ = try? Shell.run("umount", ["-l", path]) } }

    /// Writes until there is no room.
    func fill() {
      let file = open(path + "/fill", O_WRONLY | O_CREAT | O_APPEND, 0o600)
      defer { close(file) }
      let zeros = [UInt8](repeating: 0, count: 4096)
      while write(file, zeros, zeros.count) > 0 {}
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: path + "/fill") }
  }

  /// How many steps the ledger has.
  private static func steps(below disk: String) -> Int {
    let ledger = FileManager.default.contents(atPath: disk + "/out/ledger.jsonl") ?? Data()
    return ledger.count { $0 == UInt8(ascii: "\n") }
  }

  @Test("costs time and nothing else", arguments: [1, 2])
  func wait(ranks: Int) throws {
    let run = try TinyRun()
    let disk = try SmallDisk(in: run.folder, megabytes: 64)
    guard disk.isThere else { return }
    var command = run.train("--output", disk.path + "/out", "--set", "steps=80", ranks: ranks)
    command.deadline = 180
    let outcome = try command.run { running in
      try running.wait { Self.steps(below: disk.path) > 8 }
      // Until a log finds the disk full, however slow the machine is: a checkpoint that is given up leaves room for many lines.
      try running.wait(forError: "the disk is full", disk.fill)
      Thread.sleep(forTimeInterval: 3)
      try disk.makeRoom()
    }
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("the disk is full; the run waits up to 120 s for room (--disk-wait)"))
    #expect(outcome.error.contains("there is room again; the run continues"), "\(outcome.error)")
    let lines = try run.folder.read("disk/out/ledger.jsonl").split(separator: "\n")
    #expect(lines.count == 80)
    let steps = try run.folder.read("disk/out/metrics.jsonl").split(separator: "\n").compactMap {
      try? object($0)["loss"] == nil ? nil : object($0)["step"] as? Int
    }
    #expect(steps == Array(1...80))
  }

  @Test("ends the run with status 74 where it stays full for longer than --disk-wait")
  func patience() throws {
    let run = try TinyRun()
    let disk = try SmallDisk(in: run.folder, megabytes: 64)
    guard disk.isThere else { return }
    var command = run.train("--output", disk.path + "/out", "--set", "steps=100000", "--disk-wait", "1")
    command.deadline = 180
    let outcome = try command.run { running in
      try running.wait { Self.steps(below: disk.path) > 8 }
      disk.fill()
    }
    #expect(outcome.status == 74, "\(outcome.error)")
    #expect(outcome.error.contains("No space left on device; free space on this file system"))
  }
}
