import Foundation
import Models

/// Readers of weights: pickles in a zip archive, the archive itself, the stream format, the index of several files.
struct WeightSubjects {
  let all: [Subject]

  init(_ inputs: Inputs, scratch: String) throws {
    func golden(_ name: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: URL(filePath: inputs.path("Tests/Golden/families/weights/\(name)"))))
    }
    func folder(_ name: String) throws -> Scratch {
      try FileManager.default.createDirectory(atPath: "\(scratch)/\(name)", withIntermediateDirectories: true)
      return Scratch(folder: "\(scratch)/\(name)")
    }
    let zips = try ["good/bin-views", "good/bin-parameters", "good/bin-protocol-4", "hostile/control-zip"].map {
      try golden($0 + "/pytorch_model.bin")
    }
    let streams = try ["good/bin-legacy-views", "good/bin-legacy-state-dict", "hostile/control-legacy"].map {
      try golden($0 + "/pytorch_model.bin")
    }
    let archive = try StoredZip(of: zips[1])
    let (pickled, zipped, streamed, sharded) = try (folder("pickle"), folder("zip"), folder("stream"), folder("shards"))
    for shard in ["one", "two"] {
      _ = sharded.write(try golden("hostile/control-safetensors/model.safetensors"), "\(shard).safetensors")
    }
    let index = [
      #"{"metadata": {"total_size": 32}, "weight_map": {"bert.pooler.dense.bias": "one.safetensors"}}"#,
      #"{"weight_map": {"bert.pooler.dense.bias": "two.safetensors"}, "metadata": {}}"#,
    ].map { Array($0.utf8) }
    all = [
      Subject(
        name: "pickle", share: 60_000, seeds: [archive.pickle, try StoredZip(of: zips[2]).pickle], costPerByte: 256,
        structure: PickleDamage.apply
      ) { bytes in
        _ = pickled.write(archive.with(pickle: bytes), "pytorch_model.bin")
        try Self.read(pickled.folder)
      },
      Subject(name: "zip", share: 40_000, seeds: zips, costPerByte: 256, structure: ZipDamage.apply) { bytes in
        _ = zipped.write(bytes, "pytorch_model.bin")
        try Self.read(zipped.folder)
      },
      Subject(name: "pickle stream", share: 60_000, seeds: streams, costPerByte: 256, structure: PickleDamage.apply) {
        bytes in
        _ = streamed.write(bytes, "pytorch_model.bin")
        try Self.read(streamed.folder)
      },
      Subject(name: "index of weights", share: 20_000, seeds: index, costPerByte: 256) { bytes in
        _ = sharded.write(bytes, "model.safetensors.index.json")
        try Self.read(sharded.folder)
      },
    ]
  }

  /// Reads all tensors that are not larger than a file of the seeds.
  private static func read(_ folder: String) throws {
    let weights = try PretrainedWeights.open(directory: folder)
    for entry in weights.entries where entry.count <= 1 << 12 { _ = try weights.bytes(of: entry.name) }
  }
}

/// A zip archive of PyTorch whose pickle can be replaced, so that damage to the pickle is all that is wrong with it.
private struct StoredZip {
  let pickle: [UInt8]
  private let others: [(name: String, bytes: [UInt8])]

  init(of archive: [UInt8]) throws {
    let files = try archive.withUnsafeBytes { try ZipDirectory(of: $0, file: "seed") }.entries.sorted {
      $0.key < $1.key
    }
    pickle = files.first { $0.key.hasSuffix("/data.pkl") }.map { Array(archive[$0.value]) } ?? []
    others = files.filter { !$0.key.hasSuffix("/data.pkl") }.map { name, place in
      ("archive/" + name.split(separator: "/").dropFirst().joined(separator: "/"), Array(archive[place]))
    }
  }

  func with(pickle: [UInt8]) -> [UInt8] {
    func field(_ value: Int, _ width: Int) -> [UInt8] {
      (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    let files = [("archive/data.pkl", pickle)] + others
    for (name, content) in files {
      let sizes = field(content.count, 4) + field(content.count, 4) + field(name.utf8.count, 2) + field(0, 2)
      let common = field(0, 2) + field(0, 2) + field(0, 8) + sizes
      directory += [0x50, 0x4B, 1, 2] + field(0, 4) + common + field(0, 10) + field(bytes.count, 4) + name.utf8
      bytes += [0x50, 0x4B, 3, 4] + field(0, 2) + common + name.utf8
      bytes += content
    }
    let end = field(0, 4) + field(files.count, 2) + field(files.count, 2)
    return bytes + directory + [0x50, 0x4B, 5, 6] + end + field(directory.count, 4) + field(bytes.count, 4)
      + field(0, 2)
  }
}
