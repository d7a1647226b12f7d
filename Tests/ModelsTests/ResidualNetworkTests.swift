import Foundation
import Layers
import Models
import Tensors
import Testing

@Suite struct ResidualNetworkTests {
  private static var keys: [String: Any] { ["stem_channels": 6, "block_channels": [8, 8], "block_strides": [2, 1]] }

  private func state(seed: UInt64 = 1) throws -> (state: ModelState, configuration: ResidualConfiguration) {
    let configuration = try ResidualConfiguration(json: Self.keys, source: "test")
    return (ModelState(ResidualNetwork(configuration, labels: 5), seed: seed), configuration)
  }

  private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.path + "/residual-network-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  @Test("convolutions and batch norms are numbered by depth; a block that keeps the shape has no shortcut")
  func names() throws {
    let state = try state().state
    #expect(
      state.layout.slices.map(\.name) == [
        "conv1.weight", "bn1.weight", "bn1.bias", "conv2.weight", "bn2.weight", "bn2.bias", "conv3.weight",
        "bn3.weight", "bn3.bias", "short.weight", "conv4.weight", "bn4.weight", "bn4.bias", "conv5.weight",
        "bn5.weight", "bn5.bias", "fc.weight", "fc.bias",
      ])
    #expect(
      state.buffers.layout.slices.map(\.name) == (1...5).flatMap { ["bn\($0).running_mean", "bn\($0).running_var"] })
    #expect(state.batchNorms.map(\.site) == [0, 1, 2, 3, 4])
  }

  @Test("a directory gives back every weight and running statistic, and the configuration")
  func directory() throws {
    try withFolder { path in
      let (saved, configuration) = try state()
      saved.batchNorms[2].settle(
        means: [Double](repeating: 0.25, count: 8), variances: [Double](repeating: 3, count: 8))
      try ResidualExporter(configuration: configuration, description: HeadDescription(outputs: 5))
        .write(weights: saved.weights, buffers: saved.buffers, to: path)
      let directory = try ResidualDirectory(path: path)
      #expect(directory.configuration == configuration)
      let other = try state(seed: 2).state
      #expect(Array(other.weights.values) != Array(saved.weights.values))
      try directory.load(into: other)
      #expect(Array(other.weights.values) == Array(saved.weights.values))
      #expect(Array(other.buffers.values) == Array(saved.buffers.values))
    }
  }

  @Test("a directory of another shape is refused with the tensor's name")
  func otherShape() throws {
    try withFolder { path in
      let (saved, configuration) = try state()
      try ResidualExporter(configuration: configuration, description: HeadDescription(outputs: 5))
        .write(weights: saved.weights, buffers: saved.buffers, to: path)
      let other = ModelState(ResidualNetwork(configuration, labels: 4), seed: 1)
      #expect {
        try ResidualDirectory(path: path).load(into: other)
      } throws: {
        "\($0)".contains("fc.weight of shape [4, 8] has shape [5, 8]")
      }
    }
  }

  @Test(
    "impossible configurations are refused with the key",
    arguments: [
      (#"{"stem_channels": 0}"#, "stem_channels"), (#"{"block_channels": [8, -1]}"#, "block_channels"),
      (#"{"block_channels": [8], "block_strides": [1, 2]}"#, "block_strides"), (#"{"dropout": 1}"#, "dropout"),
      (#"{"blocks": [8]}"#, "blocks"), (#"{"norm_momentum": 2}"#, "norm_momentum"),
      (#"{"model_type": "bert"}"#, "model_type"), (#"{"pixel_deviation": 0}"#, "pixel_deviation"),
    ])
  func refusals(text: String, key: String) throws {
    let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect {
      try ResidualConfiguration(json: json, source: "config.json")
    } throws: {
      "\($0)".contains(key)
    }
  }
}
