import Checkpoints
import Foundation
import Testing

/// What is committed is what is loaded, on real files.
@Suite struct CheckpointStoreTests {
  let folder: TemporaryFolder
  let store: CheckpointStore

  init() throws {
    folder = try TemporaryFolder()
    store = CheckpointStore(directory: folder["run/checkpoints"])
  }

  private func committed() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: store.directory).sorted()
  }

  @Test("a checkpoint written by any number of ranks is read back whole", arguments: [1, 2, 3, 4, 5, 7, 16])
  func roundTrip(ranks: Int) throws {
    let state = ExampleState(step: 400)
    let checkpoint = try state.commit(to: store, ranks: ranks, score: 0.75)
    #expect(try committed() == ["step-00000400"])
    let found = try #require(try store.newestValid().checkpoint)
    #expect(found == checkpoint)
    #expect(found.score == 0.75)
    #expect(try state.isHeld(by: found, in: store))
  }

  @Test("any range of an arena can be read alone", arguments: [1, 3])
  func ranges(ranks: Int) throws {
    let state = ExampleState(step: 1)
    let reader = try store.load(state.commit(to: store, ranks: ranks))
    for begin in stride(from: 0, through: 81, by: 9) {
      for end in begin...81 {
        var part = [Float](repeating: 0, count: end - begin)
        try part.withUnsafeMutableBufferPointer {
          try reader.read("weights", ExampleState.layout, begin..<end, into: $0)
        }
        #expect(part == Array(state.arenas["weights"]![begin..<end]), "\(begin)..<\(end)")
      }
    }
  }

  @Test("one rank's weights are an ordinary safetensors file, and several ranks' can be exported to the same one")
  func export() throws {
    let state = ExampleState(step: 1)
    try state.commit(to: store)
    let whole = try SafetensorsFile(store.directory + "/step-00000001/weights.safetensors")
    #expect(whole.names == ["embeddings.weight", "bias", "scale"])
    #expect(try whole.floats("bias") == Array(state.arenas["weights"]![64..<69]))
    let other = CheckpointStore(directory: folder["other"])
    try other.load(state.commit(to: other, ranks: 3)).export("weights", to: folder["model.safetensors"])
    let exported = try SafetensorsFile(folder["model.safetensors"])
    #expect(exported.sha256OfTensorData == whole.sha256OfTensorData)
    #expect(exported.entries.map(\.shape) == [[7, 5], [5], []])
  }

  @Test("the same state gives the same bytes in every file but for nothing at all")
  func deterministic() throws {
    let other = CheckpointStore(directory: folder["other"])
    let digests = try [store, other].map { try ExampleState(step: 3).commit(to: $0, ranks: 2).digest }
    #expect(digests[0] == digests[1])
  }

  @Test("a layout with other offsets and order reads the same tensors by name")
  func joinByName() throws {
    let state = ExampleState(step: 1)
    let reader = try store.load(state.commit(to: store, ranks: 2))
    let layout = StateLayout(packing: [("scale", []), ("bias", [5]), ("embeddings.weight", [7, 5])])
    var values = [Float](repeating: 0, count: layout.count)
    try values.withUnsafeMutableBufferPointer { try reader.read("weights", layout, into: $0) }
    let source = state.arenas["weights"]!
    #expect(values == [source[80]] + source[64..<69] + source[16..<51])
  }

  @Test("tensors that are missing, unexpected or of another shape are all named, and nothing is read")
  func unfit() throws {
    let reader = try store.load(ExampleState(step: 1).commit(to: store))
    let layout = StateLayout(packing: [("bias", [6]), ("scale", []), ("classifier.weight", [2])])
    let difference = reader.difference("weights", from: layout)
    #expect(difference.missing == ["classifier.weight"])
    #expect(difference.unexpected == ["embeddings.weight"])
    #expect(difference.reshaped == ["bias [5] instead of [6]"])
    var values = [Float](repeating: -1, count: layout.count)
    let error = #expect(throws: CheckpointError.self) {
      try values.withUnsafeMutableBufferPointer { try reader.read("weights", layout, into: $0) }
    }
    #expect("\(try #require(error))".contains("missing: classifier.weight; unexpected: embeddings.weight"))
    #expect(values.allSatisfy { $0 == -1 })
    #expect(throws: CheckpointError.self) {
      try values.withUnsafeMutableBufferPointer { try reader.read("ema", layout, into: $0) }
    }
  }

  @Test("files of any other content are kept beside the arenas")
  func privateFiles() throws {
    let pending = try store.begin(step: 1)
    let record = try pending.write([1, 2, 3], file: "rank-00.bin")
    let checkpoint = try store.commit(pending, records: [record], layouts: [:], state: [])
    let reader = try store.load(try store.verify(checkpoint.name))
    #expect(try reader.bytes(of: "rank-00.bin") == [1, 2, 3])
    #expect(try reader.state() == [])
    #expect(throws: CheckpointError.self) { try reader.bytes(of: "rank-01.bin") }
  }

  @Test("a share that is missing or written twice is not committed")
  func incomplete() throws {
    let state = ExampleState(step: 1)
    let pending = try store.begin(step: 1)
    let layouts = Dictionary(uniqueKeysWithValues: ExampleState.kinds.map { ($0, ExampleState.layout) })
    let first = try state.withArenas { try pending.write($0, rank: 0, of: 2) }
    #expect(throws: CheckpointError.self) {
      try store.commit(pending, records: first, layouts: layouts, state: [])
    }
    store.abandon(pending)
    #expect(try committed() == [])
    let second = try store.begin(step: 1)
    #expect(throws: CheckpointError.self) {
      try store.commit(second, records: first + first, layouts: layouts, state: [])
    }
  }

  @Test("a step that is committed already is not written over, unless it is damaged")
  func sameStepTwice() throws {
    let state = ExampleState(step: 5)
    try state.commit(to: store)
    let error = #expect(throws: CheckpointError.self) { try state.commit(to: store) }
    #expect("\(try #require(error))".contains("step 5 is committed already"))
    #expect(try committed() == ["step-00000005"])
    try Data().write(to: URL(fileURLWithPath: store.directory + "/step-00000005/state.json"))
    try state.commit(to: store)
    #expect(try state.isHeld(by: #require(try store.newestValid().checkpoint), in: store))
    #expect(try committed().map { $0.prefix(13) } == [".corrupt-step", "step-00000005"])
  }

  @Test("writing stops within a chunk of being asked to, and leaves nothing behind")
  func cancellation() throws {
    let small = CheckpointStore(directory: folder["small"], storage: PosixStorage(), chunk: 8)
    for limit in 0..<20 {
      var asked = 0
      #expect(throws: CancellationError.self) {
        try ExampleState(step: 1).withArenas { arenas in
          try small.save(step: 1, arenas, state: []) {
            asked += 1
            return asked > limit
          }
        }
      }
      #expect(asked == limit + 1)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: small.directory) == [])
  }

  @Test(
    "another rank's name for the checkpoint must be one",
    arguments: ["", "..", "step-00000001", ".tmp-step-00000001-", ".tmp-step-00000002-a", ".tmp-step-00000001-../x"])
  func strangeNames(name: String) {
    #expect(throws: CheckpointError.self) { try store.join(step: 1, name: name) }
  }

  @Test("a store without a directory is empty, and other names in it are left alone")
  func strangers() throws {
    #expect(try store.newestValid().checkpoint == nil)
    try store.removeLeftovers()
    try ExampleState(step: 2).commit(to: store)
    for name in ["step-3", "step-0000000x", "notes", "step-00000009.bak"] {
      try FileManager.default.createDirectory(atPath: store.directory + "/" + name, withIntermediateDirectories: true)
    }
    #expect(try store.newestValid().checkpoint?.step == 2)
    #expect(try store.newestValid().rejected == [])
    try store.removeLeftovers()
    #expect(try committed().count == 5)
  }

  @Test("a link in place of a file is not followed")
  func links() throws {
    try ExampleState(step: 1).commit(to: store)
    let path = store.directory + "/step-00000001/state.json"
    try FileManager.default.moveItem(atPath: path, toPath: folder["elsewhere"])
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder["elsewhere"])
    #expect(try store.newestValid().checkpoint == nil)
    try FileManager.default.createSymbolicLink(atPath: folder["link"], withDestinationPath: folder["target"])
    #expect(throws: StorageError.self) { try PosixStorage().createFile(folder["link"]) }
    #expect(!FileManager.default.fileExists(atPath: folder["target"]))
  }
}
