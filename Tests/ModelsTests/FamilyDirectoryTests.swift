import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// Directories of every family, as different programs wrote them.
@Suite struct FamilyDirectoryTests {
  static let families = EncoderFamilies.all.map { $0.modelTypes[0] }

  private static func write(
    _ member: any EncoderFamily, _ state: ModelState, to path: String, changes: [String: Any] = [:],
    name: (String) -> String?
  ) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var writer = SafetensorsWriter()
    for slice in state.layout.slices {
      guard let name = name(slice.name) else { continue }
      writer.add(name, shape: slice.shape.dimensions, UnsafeBufferPointer(state.weights[slice.name]!))
    }
    try writer.write(to: path + "/model.safetensors")
    // Keys that follow from others are left out, so that one that is changed contradicts the weights alone.
    let json = TinyEncoder.json(of: type(of: member)).merging(changes) { $1 }
    try JSONSerialization.data(withJSONObject: json).write(to: URL(filePath: path + "/config.json"))
  }

  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test(
    "Weights are found with the encoder's prefix, without it, and below the levels of programs", arguments: families)
  func spellings(type: String) throws {
    let family = try #require(EncoderFamilies.family(of: type))
    let member = try TinyEncoder.member(of: family)
    let original = ModelState(TextClassifier(member, labels: 3), seed: 5)
    let prefix = family.prefix + "."
    let spellings: [(String) -> String?] = [
      { $0 }, { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }, { "module." + $0 },
    ]
    try Self.withFolder { folder in
      for (index, spelling) in spellings.enumerated() {
        let path = folder + "/\(index)"
        try Self.write(member, original, to: path, name: spelling)
        let directory = try PretrainedDirectory(path: path)
        #expect(directory.headLabels == 3)
        let state = ModelState(TextClassifier(directory.family, labels: 3), seed: 6)
        let report = try directory.load(into: state)
        #expect(report.missing + report.unexpected == [])
        #expect(state.weights.values.elementsEqual(original.weights.values), "spelling \(index)")
      }
    }
  }

  @Test("An encoder without a head loads, and the head's parameters are named as missing", arguments: families)
  func withoutHead(type: String) throws {
    let family = try #require(EncoderFamilies.family(of: type))
    let member = try TinyEncoder.member(of: family)
    let original = ModelState(TextClassifier(member, labels: 3), seed: 5)
    try Self.withFolder { folder in
      try Self.write(member, original, to: folder) { $0.hasPrefix(family.prefix + ".") ? $0 : nil }
      let directory = try PretrainedDirectory(path: folder)
      #expect(directory.headLabels == nil)
      let report = try directory.load(into: ModelState(TextClassifier(directory.family, labels: 3), seed: 6))
      let head = original.layout.slices.map(\.name).filter { !$0.hasPrefix(family.prefix + ".") }
      #expect(report.missing == head && !head.isEmpty)
    }
  }

  @Test("A size that the weights do not have is refused with its key", arguments: families)
  func wrongSizes(type: String) throws {
    let family = try #require(EncoderFamilies.family(of: type))
    let member = try TinyEncoder.member(of: family)
    let original = ModelState(TextClassifier(member, labels: 3), seed: 5)
    try Self.withFolder { folder in
      for (index, size) in member.sizes.enumerated() where size.tensor != nil {
        let path = folder + "/\(index)"
        try Self.write(member, original, to: path, changes: [size.key: 2 * size.value]) { $0 }
        let error = #expect(throws: ModelError.self) { try PretrainedDirectory(path: path) }
        #expect(error?.problem.contains(size.key) == true, "\(error?.description ?? size.key)")
      }
    }
  }

  @Test("Keys that change the computation and are not computed are refused by name", arguments: families)
  func refusals(type: String) throws {
    for (key, value) in [
      ("is_decoder", true), ("add_cross_attention", true), ("pruned_heads", ["0": [1]]), ("auto_map", ["a": "b"]),
      ("quantization_config", ["bits": 4]),
    ] as [(String, Any)] {
      let json = ["model_type": type, key: value]
      #expect(performing: { try EncoderFamilies.read(json, source: "config.json") }, throws: { "\($0)".contains(key) })
    }
    let family = try #require(EncoderFamilies.family(of: type))
    #expect(
      performing: {
        try EncoderFamilies.read(["model_type": type, family.keys.activation: "mish"], source: "config.json")
      }, throws: { "\($0)".contains("\(family.keys.activation) is mish") })
  }
}
