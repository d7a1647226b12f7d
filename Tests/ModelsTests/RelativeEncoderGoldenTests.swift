import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Numbers of relative positions that are functions of the configuration, as transformers computes them.
@Suite struct RelativeEncoderGoldenTests {
  private static func scenarios(of type: String) -> [String] {
    let folder = Golden.path("families/encoders")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().map { "families/encoders/" + $0 }.filter {
      let configuration = try? PretrainedFacts(path: Golden.path($0, "model"))
      return configuration.map { Swift.type(of: $0.family).modelTypes.contains(type) } ?? false
    }
  }

  @Test("Distances take the buckets of transformers", arguments: scenarios(of: "deberta-v2"))
  func buckets(scenario: String) throws {
    let family = try #require(try PretrainedFacts(path: Golden.path(scenario, "model")).family as? DeBERTaV2)
    let outputs = try Golden.tensors(scenario, "outputs")
    let published = RelativePositions(maximum: 512, buckets: 256)
    for (name, positions) in [("relative_buckets", family.positions), ("relative_buckets_256_512", published)] {
      let expected = try outputs.integers(name).map { Int($0) }
      let half = expected.count / 2
      let positions = try #require(positions)
      #expect((-half...half).map(positions.bucket) == expected)
    }
  }

  @Test("The table of sines and cosines is the one that transformers saves", arguments: scenarios(of: "roformer"))
  func sinusoids(scenario: String) throws {
    let family = try PretrainedFacts(path: Golden.path(scenario, "model")).family
    let file = try SafetensorsFile(Golden.path(scenario, "model/model.safetensors"))
    let constant = try #require(family.constants.first)
    let expected = try file.floats("roformer." + constant.name)
    #expect(expected.count == constant.shape.count)
    for (index, value) in expected.enumerated() { #expect(abs(constant.element(index) - value) < 1e-6) }
  }
}
