import Checkpoints
import Foundation
import Testing

/// Damage to a committed checkpoint is found before anything is loaded.
@Suite struct DamageTests {
  let disk = SimulatedDisk()
  let store: CheckpointStore
  let path = "run/step-00000002"

  init() throws {
    store = CheckpointStore(directory: "run", storage: disk)
    try ExampleState(step: 1).commit(to: store)
    try ExampleState(step: 2).commit(to: store, ranks: 2, score: 0.5)
  }

  @Test("a flipped bit in any byte of any file is found, and the older checkpoint is loaded")
  func bitFlips() throws {
    #expect(disk.names(path).count == 6)
    for name in disk.names(path) {
      for place in disk.bytes("\(path)/\(name)").indices {
        let bit: UInt8 = 1 << (place % 8)
        disk.tamper("\(path)/\(name)") { $0[place] ^= bit }
        let (checkpoint, rejected) = try store.newestValid()
        #expect(checkpoint?.step == 1, "\(name), byte \(place)")
        #expect(rejected.map(\.name) == ["step-00000002"])
        disk.tamper("\(path)/\(name)") { $0[place] ^= bit }
      }
    }
    #expect(try store.newestValid().checkpoint?.step == 2)
  }

  @Test("a file that is cut, longer, missing or exchanged with another is found")
  func wholeFiles() throws {
    let names = disk.names(path)
    for name in names {
      let whole = disk.bytes("\(path)/\(name)")
      let other = disk.bytes("run/step-00000001/\(name == "state.json" ? "manifest.json" : "state.json")")
      for change in [Array(whole.dropLast()), whole + [0], [], other] {
        disk.tamper("\(path)/\(name)") { $0 = change }
        #expect(throws: (any Error).self, "\(name)") { try store.verify("step-00000002") }
      }
      disk.tamper("\(path)/\(name)") { $0 = whole }
      try disk.rename("\(path)/\(name)", to: "\(path)/hidden")
      let (checkpoint, rejected) = try store.newestValid()
      #expect(checkpoint?.step == 1)
      #expect(rejected[0].why.contains(name))
      try disk.rename("\(path)/hidden", to: "\(path)/\(name)")
    }
  }

  @Test("a checkpoint under another step's name is refused")
  func renamed() throws {
    try disk.rename(path, to: "run/step-00000007")
    let error = #expect(throws: CheckpointError.self) { try store.verify("step-00000007") }
    #expect("\(try #require(error))".contains("its manifest is of step 2"))
  }

  @Test("damaged manifests with a right digest neither crash the reader nor let it read out of bounds")
  func fuzz() throws {
    let manifest = disk.bytes("\(path)/manifest.json")
    let text = String(decoding: manifest, as: UTF8.self)
    let body = Array(try #require(text.components(separatedBy: ",\n\"manifest_sha256\"").first).utf8)
    #expect(CheckpointManifest.sealed(body) == manifest)
    var generator = SeededGenerator(seed: 4)
    var loaded = 0
    for _ in 0..<fuzzRounds(60_000) {
      var bytes = body
      for _ in 0..<Int.random(in: 1...3, using: &generator) { damage(&bytes, &generator) }
      let sealed = CheckpointManifest.sealed(bytes)
      guard (try? CheckpointManifest(sealed, checkpoint: path)) != nil else { continue }
      disk.tamper("\(path)/manifest.json") { $0 = sealed }
      guard let reader = try? store.load(store.verify("step-00000002")) else { continue }
      loaded += 1
      var values = [Float](repeating: 0, count: 81)
      for kind in reader.kinds {
        _ = try? values.withUnsafeMutableBufferPointer { try reader.read(kind, ExampleState.layout, into: $0) }
      }
    }
    // A changed score, blank or kind leaves a checkpoint that holds together.
    #expect(loaded > 0)
  }
}
