import Checkpoints
import Testing

/// A copy of the state that is written later.
@Suite struct SnapshotTests {
  /// The files of a pending checkpoint after `body` has written to it, as rank 0 to `ranks` - 1.
  private func files(
    ranks: Int, _ body: (PendingCheckpoint, Int) throws -> [FileRecord]
  ) throws -> (files: [String: [UInt8]], records: [FileRecord]) {
    let disk = SimulatedDisk()
    let store = CheckpointStore(directory: "run", storage: disk, chunk: 64)
    let pending = try store.begin(step: 7)
    let records = try (0..<ranks).flatMap { try body(store.join(step: 7, name: pending.name), $0) }
    let path = "run/\(pending.name)"
    let contents = disk.names(path).map { ($0, disk.bytes("\(path)/\($0)")) }
    return (Dictionary(uniqueKeysWithValues: contents), records)
  }

  @Test("writes the files that the arenas would have given at the time, whatever became of them", arguments: 1...4)
  func sameFiles(ranks: Int) throws {
    let state = ExampleState(step: 7)
    let direct = try files(ranks: ranks) { pending, rank in
      try state.withArenas { try pending.write($0, rank: rank, of: ranks) }
    }
    let snapshot = StateSnapshot()
    let copied = try files(ranks: ranks) { pending, rank in
      // Taken twice, the memory of the first being used again.
      for step in [6, 7] {
        ExampleState(step: step).withArenas { snapshot.take([($0, StateSnapshot.Share(rank: rank, of: ranks))]) }
      }
      return try pending.write(snapshot)
    }
    #expect(copied.files == direct.files && copied.records == direct.records)
    #expect(!direct.files.isEmpty)
  }

  @Test("holds what all ranks share and what one keeps alone")
  func groups() throws {
    let state = ExampleState(step: 7)
    let snapshot = StateSnapshot()
    let copied = try files(ranks: 1) { pending, _ in
      state.withArenas { arenas in
        snapshot.take([([arenas[0]], StateSnapshot.Share(rank: 1, of: 2)), ([arenas[1]], .whole)])
      }
      return try pending.write(snapshot)
    }
    #expect(copied.files.keys.sorted() == ["first_moment.part-01-of-02.safetensors", "weights.safetensors"])
  }

  @Test("stops being written when asked to")
  func cancelled() throws {
    let snapshot = StateSnapshot()
    ExampleState(step: 7).withArenas { snapshot.take([($0, .whole)]) }
    #expect(throws: CancellationError.self) {
      try files(ranks: 1) { pending, _ in try pending.write(snapshot, isCancelled: { true }) }
    }
  }
}
