import Checkpoints
import Glibc

/// A disk that can die at any call and then forgets, tears or reorders whatever was not synchronized.
///
/// Files and directories each have a state that programs see and one that lasts. A write changes the first alone and
/// waits in a list; `synchronize` moves the list to the second. `losePower` applies to the lasting state a random part
/// of each list: whole writes, single blocks of them, blocks of garbage; of a directory's changes any subset, so that
/// a later rename may last where an earlier one does not. This is harsher than any journaling file system.
///
/// `@unchecked Sendable`: a test uses its disk from one thread.
final class SimulatedDisk: Storage, @unchecked Sendable {
  /// What befalls the call with a given number.
  enum Fault {
    /// The machine dies: the call may or may not take effect, and every later one fails.
    case death
    /// This call fails with `errno` and takes no effect, except that a failed fsync loses its writes for good.
    case error(Int32)
    /// This call and all later ones that need room fail, as on a full disk.
    case full(Int32)
  }

  static let block = 16

  /// How many calls there have been.
  private(set) var calls = 0
  /// The calls so far, as "write path", for messages.
  private(set) var log: [String] = []
  /// A disk with a planted fault: it says that it synchronized and did nothing.
  let ignoresSynchronization: Bool

  private var fault: (call: Int, fault: Fault)?
  private var isDead = false
  private var generator = SeededGenerator(seed: 0)
  private let root = Node(isDirectory: true)

  init(ignoresSynchronization: Bool = false) {
    self.ignoresSynchronization = ignoresSynchronization
  }

  /// Lets `fault` befall the `call`-th call from now, counted from 0.
  func plan(_ fault: Fault, at call: Int, seed: UInt64) {
    self.fault = (calls + call, fault)
    generator = SeededGenerator(seed: seed)
  }

  /// Ends the power and brings it back. Seed 0 keeps nothing that was not synchronized, seed 1 keeps everything.
  func losePower(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    root.losePower(keep: seed == 0 ? .nothing : seed == 1 ? .everything : .random, &generator)
    isDead = false
    fault = nil
  }

  /// Changes what a file holds, under everybody's nose.
  func tamper(_ path: String, _ change: (inout [UInt8]) -> Void) {
    guard let node = try? node("tamper", path) else { preconditionFailure("no \(path)") }
    change(&node.bytes)
    node.lastingBytes = node.bytes
  }

  /// The bytes of a file.
  func bytes(_ path: String) -> [UInt8] {
    (try? node("read", path).bytes) ?? []
  }

  /// The names in a directory, not counted as a call.
  func names(_ path: String) -> [String] {
    (try? node("list", path).entries.keys.sorted()) ?? []
  }

  // MARK: Calls

  /// Performs one call: counted, logged, and failing where a fault is planned.
  fileprivate func call<Value>(
    _ name: String, _ path: String, _ body: () throws(StorageError) -> Value
  ) throws(StorageError) -> Value {
    defer { calls += 1 }
    log.append("\(name) \(path)")
    guard !isDead else { throw StorageError(name, path, code: EIO) }
    guard let fault, calls >= fault.call else { return try body() }
    switch fault.fault {
    case .death:
      isDead = true
      if Bool.random(using: &generator) { _ = try? body() }
      throw StorageError(name, path, code: EIO)
    case .error(let code):
      self.fault = nil
      if name == "fsync" { try node(name, path).loseWaiting() }
      throw StorageError(name, path, code: code)
    case .full(let code):
      guard ["mkdir", "create", "fallocate", "write"].contains(name) else { return try body() }
      throw StorageError(name, path, code: code)
    }
  }

  func makeDirectory(_ path: String) throws(StorageError) {
    try call("mkdir", path) { () throws(StorageError) in try add(path, Node(isDirectory: true), "mkdir") }
  }

  func createFile(_ path: String) throws(StorageError) -> any StorageFile {
    try call("create", path) { () throws(StorageError) in
      let node = Node(isDirectory: false)
      try add(path, node, "create")
      return SimulatedFile(path: path, node: node, disk: self)
    }
  }

  func openFile(_ path: String) throws(StorageError) -> any StorageFile {
    try call("open", path) { () throws(StorageError) in
      let node = try node("open", path)
      guard !node.isDirectory else { throw StorageError("open", path, code: EINVAL) }
      return SimulatedFile(path: path, node: node, disk: self)
    }
  }

  func rename(_ path: String, to newPath: String) throws(StorageError) {
    try call("rename", path) { () throws(StorageError) in
      let node = try node("rename", path)
      let (directory, name) = try place("rename", path)
      let (target, newName) = try place("rename", newPath)
      precondition(directory === target, "the simulated disk renames within one directory only")
      if let old = directory.entries[newName] {
        guard old.isDirectory == node.isDirectory else { throw StorageError("rename", newPath, code: ENOTDIR) }
        guard old.entries.isEmpty else { throw StorageError("rename", newPath, code: ENOTEMPTY) }
      }
      directory.change([(name, nil), (newName, node)])
    }
  }

  func removeFile(_ path: String) throws(StorageError) {
    try call("unlink", path) { () throws(StorageError) in
      guard try !node("unlink", path).isDirectory else { throw StorageError("unlink", path, code: EISDIR) }
      let (directory, name) = try place("unlink", path)
      directory.change([(name, nil)])
    }
  }

  func removeDirectory(_ path: String) throws(StorageError) {
    try call("rmdir", path) { () throws(StorageError) in
      guard try node("rmdir", path).entries.isEmpty else { throw StorageError("rmdir", path, code: ENOTEMPTY) }
      let (directory, name) = try place("rmdir", path)
      directory.change([(name, nil)])
    }
  }

  func list(_ path: String) throws(StorageError) -> [String] {
    try call("list", path) { () throws(StorageError) in try node("list", path).entries.keys.sorted() }
  }

  func exists(_ path: String) throws(StorageError) -> Bool {
    try call("exists", path) { () throws(StorageError) in (try? node("exists", path)) != nil }
  }

  func synchronizeDirectory(_ path: String) throws(StorageError) {
    try call("fsync", path) { () throws(StorageError) in
      let node = try node("fsync", path)
      if !ignoresSynchronization { node.synchronize() }
    }
  }

  // MARK: Names

  private func node(_ call: String, _ path: String) throws(StorageError) -> Node {
    var node = root
    for part in path.split(separator: "/") where part != "." {
      guard let next = node.entries[String(part)] else { throw StorageError(call, path, code: ENOENT) }
      node = next
    }
    return node
  }

  private func place(_ call: String, _ path: String) throws(StorageError) -> (directory: Node, name: String) {
    let parts = path.split(separator: "/")
    return (try node(call, parts.dropLast().joined(separator: "/")), String(parts[parts.count - 1]))
  }

  private func add(_ path: String, _ node: Node, _ call: String) throws(StorageError) {
    let (directory, name) = try place(call, path)
    guard directory.entries[name] == nil else { throw StorageError(call, path, code: EEXIST) }
    directory.change([(name, node)])
  }
}

/// An open file of the simulated disk.
private final class SimulatedFile: StorageFile {
  let path: String
  private let node: Node
  private let disk: SimulatedDisk

  init(path: String, node: Node, disk: SimulatedDisk) {
    self.path = path
    self.node = node
    self.disk = disk
  }

  func size() throws(StorageError) -> Int {
    try disk.call("fstat", path) { () throws(StorageError) in node.bytes.count }
  }

  func allocate(_ bytes: Int) throws(StorageError) {
    try disk.call("fallocate", path) { () throws(StorageError) in node.allocate(bytes) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    try disk.call("write", path) { () throws(StorageError) in node.append(Array(bytes)) }
  }

  func read(into destination: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) {
    try disk.call("read", path) { () throws(StorageError) in
      guard offset + destination.count <= node.bytes.count else { throw StorageError("read", path, code: EIO) }
      destination.copyBytes(from: node.bytes[offset..<offset + destination.count])
    }
  }

  func synchronize() throws(StorageError) {
    try disk.call("fsync", path) { () throws(StorageError) in
      if !disk.ignoresSynchronization { node.synchronize() }
    }
  }

  func close() throws(StorageError) {
    try disk.call("close", path) { () throws(StorageError) in }
  }
}
