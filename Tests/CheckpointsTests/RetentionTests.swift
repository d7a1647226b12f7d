import Checkpoints
import Testing

/// Which checkpoints stay.
@Suite struct RetentionTests {
  @Test("the newest and the best stay; of equal scores the older is the best")
  func policy() {
    let scored: [(step: Int, score: Double?)] = [(1, 0.5), (2, 0.9), (3, 0.9), (4, nil), (5, .nan), (6, 0.1)]
    #expect(RetentionPolicy(last: 2, best: true).victims(of: scored) == [1, 3, 4])
    #expect(RetentionPolicy(last: 2, best: false).victims(of: scored) == [1, 2, 3, 4])
    #expect(RetentionPolicy(last: 9).victims(of: scored) == [])
    #expect(RetentionPolicy(last: 1).victims(of: []) == [])
    #expect(RetentionPolicy(last: 1).victims(of: scored.reversed()) == [1, 3, 4, 5])
  }

  @Test("the checkpoint that the run resumed from stays until a newer one exists")
  func resumed() {
    let steps: [(step: Int, score: Double?)] = [(1, nil), (2, nil), (3, nil)]
    #expect(RetentionPolicy(last: 1).victims(of: steps, resumedFrom: 3) == [1, 2])
    #expect(RetentionPolicy(last: 1).victims(of: steps, resumedFrom: 1) == [1, 2])
    #expect(RetentionPolicy(last: 1).victims(of: steps.dropLast(2), resumedFrom: 1) == [])
  }

  @Test("what is not kept is gone from the disk, and a damaged checkpoint pushes no good one out")
  func removal() throws {
    let disk = SimulatedDisk()
    let store = CheckpointStore(directory: "run", storage: disk)
    for step in 1...5 { try ExampleState(step: step).commit(to: store, score: step == 2 ? 1 : 0) }
    disk.tamper("run/step-00000005/weights.safetensors") { $0.removeLast() }
    #expect(try store.retain(RetentionPolicy(last: 2)) == [1])
    #expect(disk.names("run") == (2...5).map { "step-0000000\($0)" })
  }

  @Test("a damaged checkpoint is reported, passed over, and can be put out of the way")
  func quarantine() throws {
    let disk = SimulatedDisk()
    let store = CheckpointStore(directory: "run", storage: disk)
    for step in 1...3 { try ExampleState(step: step).commit(to: store) }
    disk.tamper("run/step-00000003/manifest.json") { $0[20] ^= 1 }
    disk.tamper("run/step-00000002/state.json") { $0[0] ^= 1 }
    let (checkpoint, rejected) = try store.newestValid()
    #expect(checkpoint?.step == 1)
    #expect(rejected.map(\.name) == ["step-00000003", "step-00000002"])
    #expect(rejected[0].why.contains("does not match its own digest"))
    #expect(rejected[1].why.contains("state.json does not match its digest"))
    for rejection in rejected { try store.quarantine(rejection.name) }
    #expect(try store.newestValid().rejected == [])
    #expect(disk.names("run").count { $0.hasPrefix(".corrupt-step-0000000") } == 2)
    #expect(try store.validCheckpoints(.contents).checkpoints.map(\.step) == [1])
  }

  @Test("a run that begins anew puts the later checkpoints of another history aside")
  func setAside() throws {
    let disk = SimulatedDisk()
    let store = CheckpointStore(directory: "run", storage: disk)
    for step in 1...3 { try ExampleState(step: step).commit(to: store) }
    try store.setAside(after: 1)
    #expect(try store.newestValid().checkpoint?.step == 1)
    try ExampleState(step: 2).commit(to: store)
    try store.setAside()
    #expect(try store.newestValid().checkpoint == nil)
  }
}
