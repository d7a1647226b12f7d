import Foundation
import Glibc
import Synchronization
import Testing

import Checkpoints

@Suite("The lock of a run's folder")
struct FolderLockTests {
  private let folder: String = NSTemporaryDirectory() + "/lock-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  private func cleanUp() { try? FileManager.default.removeItem(atPath: folder) }

  @Test("names its holder to the second process that asks for it")
  func named() throws {
    defer { cleanUp() }
    let first = try FolderLock(folder, as: .train)
    let error = #expect(throws: FolderLockError.self) { try FolderLock(folder, as: .train) }
    #expect(error?.holder?.process == getpid())
    #expect(
      error.map { "\($0)" }?.contains("in use by another lockstep train on ") == true, "\(String(describing: error))")
    #expect(throws: FolderLockError.self) { try FolderLock.check(folder, as: .train) }
    #expect(throws: Never.self) { try FolderLock.check(folder, as: .launch) }
    withExtendedLifetime(first) {}
  }

  @Test("is free again, and leaves no file, when its holder gives it back")
  func released() throws {
    defer { cleanUp() }
    do { _ = try FolderLock(folder, as: .train) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    _ = try FolderLock(folder, as: .train)
  }

  @Test("is taken over from a process that died without giving it back")
  func stale() throws {
    defer { cleanUp() }
    let left = #"{"host":"node7","process":4194304,"since":"2026-01-01T00:00:00Z"}"#
    try Data(left.utf8).write(to: URL(filePath: folder + "/.lock-train"))
    let lock = try FolderLock(folder, as: .train)
    #expect(lock.unavailable == nil)
  }

  @Test("waits for a holder that is about to end, and no longer")
  func patient() async throws {
    defer { cleanUp() }
    let first = Mutex(try FolderLock(folder, as: .train) as FolderLock?)
    let release = Thread {
      usleep(300_000)
      first.withLock { $0 = nil }
    }
    release.start()
    let second = try FolderLock(folder, as: .train, patience: 30)
    #expect(second.unavailable == nil)
    #expect(throws: FolderLockError.self) { try FolderLock(folder, as: .train, patience: 0.2) }
  }

  @Test("follows no symbolic link, and shows whatever the file says on one line", arguments: [true, false])
  func hostile(isLink: Bool) throws {
    defer { cleanUp() }
    let path = folder + "/.lock-train"
    if isLink {
      try Data("precious".utf8).write(to: URL(filePath: folder + "/other"))
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/other")
      #expect(throws: StorageError.self) { try FolderLock(folder, as: .train) }
      #expect(try String(contentsOfFile: folder + "/other", encoding: .utf8) == "precious")
    } else {
      let first = try FolderLock(folder, as: .train)
      for text in ["{", #"{"host":"a\u001b[2J\nb","process":1,"since":"x"}"#] {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        let error = #expect(throws: FolderLockError.self) { try FolderLock(folder, as: .train) }
        #expect(error.map { "\($0)" }?.contains { $0 == "\u{1B}" || $0.isNewline } == false)
      }
      withExtendedLifetime(first) {}
    }
  }
}
