import Checkpoints
import Glibc
import Testing

/// A death or an error at every single call of a commit.
@Suite struct CrashTests {
  /// A disk with step 1 committed, and a store that writes 64 bytes at a time.
  private func prepared(_ disk: SimulatedDisk = SimulatedDisk()) throws -> (SimulatedDisk, CheckpointStore) {
    let store = CheckpointStore(directory: "output/checkpoints", storage: disk, chunk: 64)
    try ExampleState(step: 1).commit(to: store)
    return (disk, store)
  }

  /// The work of one checkpoint: commit step 2 by `ranks` ranks and remove step 1.
  private func work(_ store: CheckpointStore, ranks: Int) throws {
    try ExampleState(step: 2).commit(to: store, ranks: ranks)
    try store.retain(RetentionPolicy(last: 1))
  }

  private func callCount(ranks: Int) throws -> Int {
    let (disk, store) = try prepared()
    let before = disk.calls
    try work(store, ranks: ranks)
    return disk.calls - before
  }

  /// What is wrong after a crash: nil when the newest checkpoint is old or new, whole and exact, and work goes on.
  private func fault(after crash: String, _ disk: SimulatedDisk, _ store: CheckpointStore) throws -> String? {
    let (checkpoint, rejected) = try store.newestValid()
    guard rejected.isEmpty else { return "\(crash): \(rejected[0].why)" }
    guard let checkpoint, [1, 2].contains(checkpoint.step) else { return "\(crash): nothing to load" }
    guard try ExampleState(step: checkpoint.step).isHeld(by: checkpoint, in: store) else { return "\(crash): mixed" }
    try store.removeLeftovers()
    let valid = try store.validCheckpoints(.contents).checkpoints.map(\.name)
    guard disk.names(store.directory) == valid else { return "\(crash): left \(disk.names(store.directory))" }
    try ExampleState(step: 3).commit(to: store)
    try store.retain(RetentionPolicy(last: 1), resumedFrom: checkpoint.step)
    guard disk.names(store.directory) == ["step-00000003"] else { return "\(crash): \(disk.names(store.directory))" }
    return nil
  }

  @Test("a commit lasts through a loss of everything that was not synchronized")
  func committed() throws {
    let (disk, store) = try prepared()
    disk.losePower(seed: 0)
    #expect(try fault(after: "the commit", disk, store) == nil)
  }

  @Test(
    "a death at any call leaves the old or the new checkpoint, whole, and the next run cleans up", arguments: [1, 2, 3])
  func deaths(ranks: Int) throws {
    let count = try callCount(ranks: ranks)
    #expect(count > 40)
    for call in 0..<count {
      for seed in 0..<UInt64(fuzzRounds(40)) {
        let (disk, store) = try prepared()
        disk.plan(.death, at: call, seed: seed &+ UInt64(call) << 8)
        try? work(store, ranks: ranks)
        let crash = "call \(call), seed \(seed), \(disk.log.suffix(3))"
        disk.losePower(seed: seed)
        if let fault = try fault(after: crash, disk, store) { Issue.record("\(fault)") }
      }
    }
  }

  @Test("a death at any call of the very first commit leaves nothing or a whole checkpoint")
  func firstCommit() throws {
    for call in 0..<1000 {
      let disk = SimulatedDisk()
      let store = CheckpointStore(directory: "output/checkpoints", storage: disk, chunk: 64)
      disk.plan(.death, at: call, seed: UInt64(call))
      let finished = (try? ExampleState(step: 1).commit(to: store)) != nil
      disk.losePower(seed: UInt64(call % 7))
      let (checkpoint, rejected) = try store.newestValid()
      #expect(rejected == [])
      if let checkpoint { #expect(try ExampleState(step: 1).isHeld(by: checkpoint, in: store), "call \(call)") }
      guard finished else { continue }
      #expect(checkpoint != nil)
      #expect(call > 20)
      return
    }
    Issue.record("the commit never ends")
  }

  @Test("the simulated disk finds the faults of a storage that does not synchronize")
  func plantedFault() throws {
    var found = 0
    for call in 0..<(try callCount(ranks: 2)) {
      let (disk, store) = try prepared(SimulatedDisk(ignoresSynchronization: true))
      disk.plan(.death, at: call, seed: UInt64(call))
      try? work(store, ranks: 2)
      disk.losePower(seed: 2 + UInt64(call))
      do {
        if try fault(after: "call \(call)", disk, store) != nil { found += 1 }
      } catch {
        found += 1
      }
    }
    #expect(found > 10)
  }

  @Test(
    "an error at any call leaves the old checkpoint valid, removes the new one's traces, and the next commit succeeds",
    arguments: [ENOSPC, EDQUOT, EIO])
  func errors(code: Int32) throws {
    for call in 0..<(try callCount(ranks: 2)) {
      let (disk, store) = try prepared()
      disk.plan(.error(code), at: call, seed: 0)
      var message = "call \(call), \(disk.log.suffix(3))"
      do {
        try work(store, ranks: 2)
        // A checkpoint that cannot be read is no reason to fail when it is counted, only one to remove nothing.
        #expect(try store.newestValid().checkpoint?.step == 2)
      } catch {
        message += ": \(error)"
        #expect(message.contains("; "), "what to do comes last")
      }
      let (checkpoint, rejected) = try store.newestValid()
      #expect(rejected == [])
      #expect(try ExampleState(step: #require(checkpoint).step).isHeld(by: #require(checkpoint), in: store))
      #expect(disk.names(store.directory).allSatisfy { !$0.hasPrefix(".tmp-") }, "\(message)")
      if let fault = try fault(after: message, disk, store) { Issue.record("\(fault)") }
    }
  }

  @Test("a disk that is full from any call on leaves the old checkpoint valid and no trace of the new one")
  func fullDisk() throws {
    for call in 0..<(try callCount(ranks: 2)) {
      let (disk, store) = try prepared()
      let fullFrom = disk.calls + call
      disk.plan(.full(ENOSPC), at: call, seed: 0)
      do {
        try ExampleState(step: 2).commit(to: store, ranks: 2)
        #expect(!disk.log.dropFirst(fullFrom).contains { $0.hasPrefix("write") }, "nothing needed room any more")
      } catch {
        #expect("\(error)".contains("No space left on device; free space"))
        #expect(disk.names(store.directory) == ["step-00000001"])
        #expect(try ExampleState(step: 1).isHeld(by: #require(try store.newestValid().checkpoint), in: store))
      }
    }
  }

  @Test("a small file is old or new after a death at any call")
  func atomicFile() throws {
    for call in 0..<6 {
      for seed in 0..<24 as Range<UInt64> {
        let disk = SimulatedDisk()
        try AtomicFile.write("old text", to: "summary.json", storage: disk)
        disk.plan(.death, at: call, seed: seed)
        #expect(throws: StorageError.self) { try AtomicFile.write("the new text", to: "summary.json", storage: disk) }
        disk.losePower(seed: seed)
        let text = String(decoding: disk.bytes("summary.json"), as: UTF8.self)
        #expect(text == "old text" || text == "the new text", "call \(call), seed \(seed)")
      }
    }
  }
}
