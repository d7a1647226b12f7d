import Checkpoints
import Foundation
import Models
import Testing

/// What the scenarios of whole files do not show: links, names, folders with something else.
@Suite struct PretrainedWeightsTests {
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  /// Writes a safetensors file with one tensor.
  private static func write(_ name: String, _ values: [Float], to path: String) throws {
    try values.withUnsafeBufferPointer { values in
      var writer = SafetensorsWriter()
      writer.add(name, shape: [values.count], values)
      try writer.write(to: path)
    }
  }

  private static func refusal(_ folder: String) -> String {
    do {
      _ = try PretrainedWeights.open(directory: folder)
      return "accepted"
    } catch { return "\(error)" }
  }

  private static func index(_ map: String, in folder: String) throws {
    try "{\"weight_map\": {\(map)}}".write(
      toFile: folder + "/model.safetensors.index.json", atomically: false, encoding: .utf8)
  }

  @Test("shards lie in the folder, or are links into the store of the cache that the folder is in")
  func links() throws {
    try Self.withFolder { root in
      let folder = root + "/models--a--b/snapshots/0123"
      let store = root + "/models--a--b/blobs"
      let files = FileManager.default
      for path in [folder, store] { try files.createDirectory(atPath: path, withIntermediateDirectories: true) }
      try Self.write("x", [1, 2], to: store + "/abc")
      try Self.write("x", [3, 4], to: root + "/elsewhere")
      try Self.index("\"x\": \"one.safetensors\"", in: folder)
      #expect(Self.refusal(folder).contains("one.safetensors: is missing"))
      try files.createSymbolicLink(
        atPath: folder + "/one.safetensors", withDestinationPath: "../../blobs/abc")
      #expect(try PretrainedWeights.open(directory: folder).floats("x") == [1, 2])
      try files.removeItem(atPath: folder + "/one.safetensors")
      try files.createSymbolicLink(
        atPath: folder + "/one.safetensors", withDestinationPath: "../../../elsewhere")
      #expect(Self.refusal(folder).contains("one.safetensors: is a link to"))
      try files.removeItem(atPath: folder + "/one.safetensors")
      try files.createSymbolicLink(atPath: folder + "/sub", withDestinationPath: "../../..")
      try Self.index("\"x\": \"sub/elsewhere\"", in: folder)
      #expect(Self.refusal(folder).contains("not in this folder"))
    }
  }

  @Test("an index that contradicts its files, or itself, is refused")
  func contradictions() throws {
    try Self.withFolder { folder in
      try Self.write("x", [1], to: folder + "/a.safetensors")
      try Self.write("x", [2], to: folder + "/b.safetensors")
      for (map, part) in [
        ("\"x\": \"a.safetensors\", \"y\": \"b.safetensors\"", "\"x\" in two files"),
        ("\"x\": \"a.safetensors\", \"x\": \"a.safetensors\"", "\"x\" twice"),
        ("\"y\": \"a.safetensors\"", "lacks \"y\""), ("\"x\": 3", "names 3, not a file"), ("", "has no weight_map"),
        ("\"x\": \"\"", "not in this folder"), ("\"x\": \"./a.safetensors\"", "not in this folder"),
        ("\"x\": \"a.safetensors/\"", "not in this folder"), ("\"x\": \"..\"", "not in this folder"),
        ("\"x\": \"a\\u0000b\"", "not in this folder"),
      ] {
        try Self.index(map, in: folder)
        #expect(Self.refusal(folder).contains(part), "\(Self.refusal(folder))")
      }
      try Self.index("\"x\": \"a.safetensors\"", in: folder)
      #expect(try PretrainedWeights.open(directory: folder).floats("x") == [1])
    }
  }

  @Test("model.safetensors goes before its index, and both before pytorch_model.bin")
  func preference() throws {
    try Self.withFolder { folder in
      try "x".write(toFile: folder + "/pytorch_model.bin", atomically: false, encoding: .utf8)
      #expect(Self.refusal(folder).contains("pytorch_model.bin: is not a file that torch.save wrote"))
      try Self.write("x", [1], to: folder + "/a.safetensors")
      try Self.index("\"x\": \"a.safetensors\"", in: folder)
      #expect(try PretrainedWeights.open(directory: folder).floats("x") == [1])
      try Self.write("x", [2], to: folder + "/model.safetensors")
      #expect(try PretrainedWeights.open(directory: folder).floats("x") == [2])
    }
  }

  @Test(
    "a file that is something else says what it is",
    arguments: [
      ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n", "Git LFS pointer"),
      ("<!DOCTYPE html>", "is a web page"), ("", "is empty"),
    ])
  func others(content: String, part: String) throws {
    for name in ["model.safetensors", "pytorch_model.bin", "model.safetensors.index.json"] {
      try Self.withFolder { folder in
        try content.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
        #expect(Self.refusal(folder).contains("\(name): ") && Self.refusal(folder).contains(part))
      }
    }
  }

  @Test("a file under the name of the other format says which name it should have")
  func exchanged() throws {
    try Self.withFolder { folder in
      let files = FileManager.default
      // Headers of several lengths, of which one begins as a pickle does.
      for length in [1, 60] {
        try Self.write(String(repeating: "x", count: length), [1], to: folder + "/pytorch_model.bin")
        #expect(Self.refusal(folder).contains("pytorch_model.bin: is a safetensors file under another name; rename"))
      }
      try files.removeItem(atPath: folder + "/pytorch_model.bin")
      for start in [[0x50, 0x4B, 3, 4], [0x80, 2, 0x8A, 10, 0x6C]] as [[UInt8]] {
        try Data(start + [0, 0, 0, 0, 0]).write(to: URL(filePath: folder + "/model.safetensors"))
        #expect(Self.refusal(folder).contains("model.safetensors: is a file that torch.save wrote, under another name"))
      }
    }
  }

  @Test("values that are not finite, and types that are not of weights, are refused by the tensor's name")
  func values() throws {
    try Self.withFolder { folder in
      try Self.write("a.b", [1, .nan], to: folder + "/model.safetensors")
      let weights = try PretrainedWeights.open(directory: folder)
      var room = [Float](repeating: 0, count: 2)
      let error = #expect(throws: ModelError.self) {
        try room.withUnsafeMutableBufferPointer { try weights.readFinite("a.b", into: $0) }
      }
      #expect(error?.description.contains("tensor \"a.b\" holds values that are not finite") == true)
    }
  }

  @Test(
    "a file's name becomes the model's: without what programs put before it, with the family's prefix, as it is first")
  func names() {
    let names = PretrainedNames(prefix: "bert.", endings: PretrainedNames.gammaAndBeta)
    for spelling in [
      "bert.a.LayerNorm.weight", "a.LayerNorm.weight", "module.bert.a.LayerNorm.gamma", "module.a.LayerNorm.weight",
      "_orig_mod.bert.a.LayerNorm.weight", "model.bert.a.LayerNorm.weight", "module._orig_mod.a.LayerNorm.gamma",
      "_orig_mod.module.model.bert.a.LayerNorm.gamma",
    ] {
      #expect(names.candidates(for: spelling).contains("bert.a.LayerNorm.weight"), "\(spelling)")
    }
    #expect(names.candidates(for: "classifier.weight").first == "classifier.weight")
    // A family whose own prefix is a word that programs put before names, too.
    let modern = PretrainedNames(prefix: "model.")
    #expect(modern.candidates(for: "model.layers.0.attn.Wqkv.weight").first == "model.layers.0.attn.Wqkv.weight")
    #expect(modern.candidates(for: "layers.0.attn.Wqkv.weight").contains("model.layers.0.attn.Wqkv.weight"))
    #expect(modern.candidates(for: "x.gamma") == ["x.gamma", "model.x.gamma"])
  }

  @Test("what is missing, and what is not used, is said in a line each")
  func notes() {
    var report = PretrainedDirectory.Report()
    #expect(report.notes(on: "m") == [])
    report.missing = ["classifier.weight", "classifier.bias"]
    report.unexpected = [
      "cls.predictions.bias", "x.weight", "cls.predictions.decoder.weight", "cls.seq_relationship.bias",
    ]
    report.buffers = ["bert.embeddings.position_ids"]
    #expect(
      report.notes(on: "m") == [
        "not in m, random at first: classifier.weight, classifier.bias",
        "in m but not used, because only pre-training needs it: cls.predictions, cls.seq_relationship",
        "in m but not used: x.weight",
      ])
  }

  @Test("heads of pre-training and buffers are known by their names")
  func heads() {
    let heads = [
      "cls.predictions.transform.dense.weight": "cls.predictions",
      "module.cls.seq_relationship.bias": "cls.seq_relationship",
      "lm_head.dense.weight": "lm_head", "discriminator_predictions.dense.bias": "discriminator_predictions",
      "vocab_projector.bias": "vocab_projector", "predictions.decoder.bias": "predictions",
    ]
    for (name, head) in heads { #expect(PretrainedNames.pretrainingHead(of: name) == head) }
    for name in ["bert.encoder.layer.0.output.dense.weight", "classifier.weight", "lm_headed", "qa_outputs.weight"] {
      #expect(PretrainedNames.pretrainingHead(of: name) == nil)
    }
    #expect(PretrainedNames.isBuffer("bert.embeddings.position_ids") && PretrainedNames.isBuffer("position_ids"))
    #expect(!PretrainedNames.isBuffer("bert.embeddings.position_embeddings.weight"))
  }
}
