import Foundation
import Glibc
import Synchronization

/// Deliberate faults of the disk for tests: `LOCKSTEP_STORAGE_FAULT=rank:0,call:37,do:kill`.
///
/// The calls that a rank makes for its checkpoints are counted from 0, in whatever thread. `kill` ends the process before call
/// `call` happens. `full` lets the first allocation from there on fail as on a full disk, `broken` the first flush as on a failing
/// one; `times` of them, one by default. Without the variable nothing happens.
public struct FaultyStorage: Storage {
  private enum Action: String { case kill, full, broken }

  /// Shared by all copies, which count together.
  private final class Plan: Sendable {
    let call: Int
    let action: Action
    let left: Mutex<Int>
    let calls = Atomic<Int>(0)

    init(call: Int, action: Action, times: Int) {
      self.call = call
      self.action = action
      left = Mutex(times)
    }

    /// Counts a call; does to it what is planned.
    func reach(_ call: String, _ path: String) throws(StorageError) {
      let number = calls.add(1, ordering: .relaxed).oldValue
      guard number >= self.call else { return }
      switch action {
      case .kill: Glibc.kill(getpid(), SIGKILL)
      case .full where call == "fallocate": try fail(call, path, ENOSPC)
      case .broken where call == "fsync": try fail(call, path, EIO)
      case .full, .broken: break
      }
    }

    private func fail(_ call: String, _ path: String, _ code: Int32) throws(StorageError) {
      let isPlanned = left.withLock { left in
        left -= 1
        return left >= 0
      }
      if isPlanned { throw StorageError(call, path, code: code) }
    }
  }

  private let plan: Plan
  private let disk: PosixStorage

  /// The real disk, or, where the environment plans a fault for this rank, one with that fault.
  /// - Parameter folder: the folder below which no symbolic link is followed.
  public static func planned(rank: Int, below folder: String) -> any Storage {
    let text = ProcessInfo.processInfo.environment["LOCKSTEP_STORAGE_FAULT"]
    let disk = PosixStorage(below: folder)
    return text.flatMap { FaultyStorage($0, rank: rank, disk: disk) } ?? disk
  }

  /// Nil if the text plans no fault for this rank.
  init?(_ text: String, rank: Int, disk: PosixStorage = PosixStorage()) {
    self.disk = disk
    let pairs = text.split(separator: ",").map { $0.split(separator: ":", maxSplits: 1) }
    let fields = Dictionary(pairs.compactMap { $0.count == 2 ? ($0[0], String($0[1])) : nil }) { $1 }
    guard fields["rank"].flatMap({ Int($0) }) ?? rank == rank, let call = fields["call"].flatMap({ Int($0) }),
      let action = fields["do"].flatMap(Action.init)
    else { return nil }
    plan = Plan(call: call, action: action, times: fields["times"].flatMap { Int($0) } ?? 1)
  }

  public func makeDirectory(_ path: String) throws(StorageError) {
    try plan.reach("mkdir", path)
    try disk.makeDirectory(path)
  }

  public func createFile(_ path: String) throws(StorageError) -> any StorageFile {
    try plan.reach("open", path)
    return File(try disk.createFile(path), plan)
  }

  public func openFile(_ path: String) throws(StorageError) -> any StorageFile {
    try plan.reach("open", path)
    return File(try disk.openFile(path), plan)
  }

  public func rename(_ path: String, to newPath: String) throws(StorageError) {
    try plan.reach("rename", path)
    try disk.rename(path, to: newPath)
  }

  public func removeFile(_ path: String) throws(StorageError) {
    try plan.reach("unlink", path)
    try disk.removeFile(path)
  }

  public func removeDirectory(_ path: String) throws(StorageError) {
    try plan.reach("rmdir", path)
    try disk.removeDirectory(path)
  }

  public func list(_ path: String) throws(StorageError) -> [String] {
    try plan.reach("readdir", path)
    return try disk.list(path)
  }

  public func exists(_ path: String) throws(StorageError) -> Bool {
    try plan.reach("lstat", path)
    return try disk.exists(path)
  }

  public func synchronizeDirectory(_ path: String) throws(StorageError) {
    try plan.reach("fsync", path)
    try disk.synchronizeDirectory(path)
  }

  /// An open file whose calls count too.
  private final class File: StorageFile {
    private let file: any StorageFile
    private let plan: Plan

    init(_ file: any StorageFile, _ plan: Plan) {
      self.file = file
      self.plan = plan
    }

    var path: String { file.path }

    func size() throws(StorageError) -> Int {
      try plan.reach("fstat", path)
      return try file.size()
    }

    func allocate(_ bytes: Int) throws(StorageError) {
      try plan.reach("fallocate", path)
      try file.allocate(bytes)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
      try plan.reach("write", path)
      try file.write(bytes)
    }

    func read(into destination: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) {
      try plan.reach("read", path)
      try file.read(into: destination, at: offset)
    }

    func synchronize() throws(StorageError) {
      try plan.reach("fsync", path)
      try file.synchronize()
    }

    func close() throws(StorageError) {
      try plan.reach("close", path)
      try file.close()
    }
  }
}
