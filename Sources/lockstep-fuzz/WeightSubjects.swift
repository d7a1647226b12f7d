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
        damage: PickleDamage.apply
      ) { bytes in
        _ = pickled.write(archive.with(pickle: bytes), "pytorch_model.bin")
        try Self.read(pickled.folder)
      },
      Subject(name: "zip", share: 40_000, seeds: zips, costPerByte: 256, damage: ZipDamage.apply) { bytes in
        _ = zipped.write(bytes, "pytorch_model.bin")
        try Self.read(zipped.folder)
      },
      Subject(name: "pickle stream", share: 60_000, seeds: streams, costPerByte: 256, damage: PickleDamage.apply) {
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
  /// The other files and their part of the directory: the pickle stands last, so that its size moves none of them.
  private var files: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  init(of archive: [UInt8]) throws {
    let entries = try archive.withUnsafeBytes { try ZipDirectory(of: $0, file: "seed") }.entries.sorted {
      $0.key < $1.key
    }
    pickle = entries.first { $0.key.hasSuffix("/data.pkl") }.map { Array(archive[$0.value]) } ?? []
    for (name, place) in entries where !name.hasSuffix("/data.pkl") {
      append("archive/" + name.split(separator: "/").dropFirst().joined(separator: "/"), Array(archive[place]))
    }
  }

  func with(pickle: [UInt8]) -> [UInt8] {
    var whole = self
    whole.append("archive/data.pkl", pickle)
    let end = Self.field(0, 4) + Self.field(whole.count, 2) + Self.field(whole.count, 2)
    return whole.files + whole.directory + [0x50, 0x4B, 5, 6] + end + Self.field(whole.directory.count, 4)
      + Self.field(whole.files.count, 4) + Self.field(0, 2)
  }

  private mutating func append(_ name: String, _ content: [UInt8]) {
    let size = Self.field(content.count, 4)
    let common = Self.field(0, 12) + size + size + Self.field(name.utf8.count, 2) + Self.field(0, 2)
    directory += [0x50, 0x4B, 1, 2] + Self.field(0, 4) + common + Self.field(0, 10) + Self.field(files.count, 4)
    directory += Array(name.utf8)
    files += [0x50, 0x4B, 3, 4] + Self.field(0, 2) + common + Array(name.utf8) + content
    count += 1
  }

  private static func field(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
  }
}
